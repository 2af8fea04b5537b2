import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { RecordChunk } from '../tasks/record-chunk.ts';
import type { RawRecord } from './test-record.ts';

/** A topic of the test driver. It keeps all that is written to it. */
export class MemoryTopic {
  readonly name: string;
  readonly partitions: readonly RawRecord[][];
  /** All records in the order in which they were written. */
  readonly log: { readonly partition: number; readonly offset: number }[] = [];
  /** How much of the log a test has read. */
  read = 0;

  constructor(name: string, partitions: number) {
    this.name = name;
    this.partitions = Array.from({ length: partitions }, () => []);
  }

  /** Its offset. */
  append(partition: number, record: RawRecord): number {
    const records = this.partitions[partition];
    if (records === undefined) {
      const count = this.partitions.length;
      throw new RangeError(`topic ${this.name} has ${count} partitions, and no ${partition}`);
    }
    const offset = records.push(record) - 1;
    this.log.push({ partition, offset });
    return offset;
  }

  /** Some records of a partition as a fetch would have them. */
  chunk(partition: number, from: number, to: number): RecordChunk {
    return new MemoryChunk(this.partitions[partition]!, from, to);
  }
}

class MemoryChunk implements RecordChunk {
  readonly length: number;
  readonly nextOffset: number;
  readonly #records: readonly RawRecord[];
  readonly #from: number;

  constructor(records: readonly RawRecord[], from: number, to: number) {
    this.#records = records;
    this.#from = from;
    this.length = to - from;
    this.nextOffset = to;
  }

  offset(i: number): number {
    return this.#from + i;
  }

  timestamp(i: number): number {
    return this.#records[this.#from + i]!.timestamp;
  }

  keyBytes(i: number): Uint8Array | null {
    return this.#records[this.#from + i]!.key;
  }

  valueBytes(i: number): Uint8Array | null {
    return this.#records[this.#from + i]!.value;
  }

  keyText(i: number): string | null {
    return textOf(this.keyBytes(i));
  }

  valueText(i: number): string | null {
    return textOf(this.valueBytes(i));
  }

  headers(i: number): RecordHeaders {
    return this.#records[this.#from + i]!.headers;
  }
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : UTF8.decode(bytes);
}
