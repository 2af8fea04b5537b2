import type { ConsumerRecord } from '../consumer/records/consumer-record.ts';
import type { RecordBatch } from '../consumer/records/record-batch.ts';
import type { RecordHeaders } from '../consumer/records/record-headers.ts';
import type { NullableBytes } from '../consumer/records/record-readers.ts';
import type { Batch, KafkaMessage } from './consumer-types.ts';
import type { IHeaders } from './types.ts';

/** What of one partition was there at once, as KafkaJS hands it to `eachBatch`. */
export class FacadeBatch implements Batch {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: KafkaMessage[];
  /** The offset behind all of it, records that readers do not see included. */
  readonly #nextOffset: number;
  readonly #highWatermark: number;

  constructor(batches: readonly RecordBatch[], nextOffset: number, highWatermark: number) {
    const { topic, partition } = batches[0]!;
    this.topic = topic;
    this.partition = partition;
    this.messages = batches.flatMap((batch) => Array.from(batch, messageOf));
    this.highWatermark = String(highWatermark);
    this.#highWatermark = highWatermark;
    this.#nextOffset = nextOffset;
  }

  isEmpty(): boolean {
    return this.messages.length === 0;
  }

  firstOffset(): string | null {
    return this.messages[0]?.offset ?? null;
  }

  lastOffset(): string {
    return String(this.#nextOffset - 1);
  }

  offsetLag(): string {
    return String(this.#highWatermark - this.#nextOffset);
  }

  offsetLagLow(): string {
    const first = this.firstOffset();
    return first === null ? '0' : String(this.#highWatermark - 1 - Number(first));
  }
}

function messageOf(record: ConsumerRecord): KafkaMessage {
  return {
    key: bufferOf(record.keyBytes),
    value: bufferOf(record.valueBytes),
    timestamp: String(record.timestamp),
    attributes: 0,
    offset: String(record.offset),
    headers: headersOf(record.headers),
  };
}

function bufferOf(bytes: NullableBytes): Buffer | null {
  if (bytes === null) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A header that comes more than once is a list. */
function headersOf(headers: RecordHeaders): IHeaders {
  const found: IHeaders = {};
  for (const [name, bytes] of headers) {
    const value = bufferOf(bytes) as Buffer;
    const known = found[name];
    if (known === undefined) found[name] = value;
    else found[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  return found;
}
