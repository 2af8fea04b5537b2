import type { PartitionState } from '../consumer/fetch/partition-state.ts';
import type { ConsumerRecord } from '../consumer/records/consumer-record.ts';
import type { RecordBatch } from '../consumer/records/record-batch.ts';
import type { RecordHeaders } from '../consumer/records/record-headers.ts';
import type { NullableBytes } from '../consumer/records/record-readers.ts';
import type { Batch, KafkaMessage } from './consumer-types.ts';
import type { IHeaders } from './types.ts';

/** Brokers give out no other format of record batches. */
const MAGIC = 2;

type State = PartitionState<NullableBytes, NullableBytes>;

/** What of one partition was there at once, as KafkaJS hands it to `eachBatch`. */
export class FacadeBatch implements Batch {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: KafkaMessage[];
  /** The offset behind all of it, records that readers do not see included. */
  readonly nextOffset: number;
  readonly #startOffset: number;
  readonly #highWatermark: number;

  /** Without batches it is a range in which nothing is for readers. */
  constructor(state: State, batches: readonly RecordBatch[], startOffset: number) {
    const { topic, partition, position, highWatermark } = state;
    this.topic = topic;
    this.partition = partition;
    this.messages = batches.flatMap((batch) => Array.from(batch, messageOf));
    this.highWatermark = String(highWatermark);
    this.nextOffset = position;
    this.#startOffset = startOffset;
    this.#highWatermark = highWatermark;
  }

  isEmpty(): boolean {
    return this.messages.length === 0;
  }

  firstOffset(): string {
    return this.messages[0]?.offset ?? String(this.#startOffset);
  }

  lastOffset(): string {
    return String(this.nextOffset - 1);
  }

  offsetLag(): string {
    return String(this.#highWatermark - this.nextOffset);
  }

  offsetLagLow(): string {
    return String(this.#highWatermark - 1 - Number(this.firstOffset()));
  }
}

function messageOf(record: ConsumerRecord): KafkaMessage {
  return {
    key: bufferOf(record.keyBytes),
    value: bufferOf(record.valueBytes),
    timestamp: String(record.timestamp),
    attributes: 0,
    magicByte: MAGIC,
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
    const known = Object.hasOwn(found, name) ? found[name] : undefined;
    if (known === undefined) found[name] = value;
    else found[name] = Array.isArray(known) ? [...known, value] : [known, value];
  }
  return found;
}
