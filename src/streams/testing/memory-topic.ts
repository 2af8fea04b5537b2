import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import { RowList } from '../state/engine/row-list.ts';
import type { RecordChunk } from '../tasks/record-chunk.ts';
import { KeptRecords } from './kept-records.ts';
import type { RawRecord } from './test-record.ts';

/** A topic of the test driver. It keeps all that is written to it. */
export class MemoryTopic {
  readonly name: string;
  readonly partitions: readonly KeptRecords[];
  /**
   * Of all records in the order in which they were written: partition and offset in turn. The
   * offset of one that the test wrote is below zero, by its bits.
   */
  readonly #log = new RowList();
  /** How many records a test has read. */
  read = 0;

  constructor(name: string, partitions: number) {
    this.name = name;
    this.partitions = Array.from({ length: partitions }, () => new KeptRecords());
  }

  /** How many records were written. */
  get size(): number {
    return this.#log.length / 2;
  }

  /** Of a record by its number in the order of writing. */
  partitionAt(number: number): number {
    return this.#log.at(number * 2);
  }

  /** A record by its number in the order of writing. */
  recordAt(number: number): RawRecord {
    const offset = this.#log.at(number * 2 + 1);
    return this.partitions[this.partitionAt(number)]!.at(offset < 0 ? ~offset : offset);
  }

  /** Whether the test wrote it. */
  isOfTest(number: number): boolean {
    return this.#log.at(number * 2 + 1) < 0;
  }

  /** Where a record goes; `noted` follows. */
  recordsOf(partition: number): KeptRecords {
    const records = this.partitions[partition];
    if (records !== undefined) return records;
    const count = this.partitions.length;
    throw new RangeError(`topic ${this.name} has ${count} partitions, and no ${partition}`);
  }

  /** A record was written, by the test itself or by the application. */
  noted(partition: number, offset: number, isOfTest: boolean): void {
    this.#log.push(partition);
    this.#log.push(isOfTest ? ~offset : offset);
  }

  /** Some records of a partition as a fetch would have them. */
  chunk(partition: number, from: number, to: number): RecordChunk {
    return new MemoryChunk(this.partitions[partition]!, from, to);
  }
}

class MemoryChunk implements RecordChunk {
  readonly length: number;
  readonly nextOffset: number;
  readonly #records: KeptRecords;
  readonly #from: number;

  constructor(records: KeptRecords, from: number, to: number) {
    this.#records = records;
    this.#from = from;
    this.length = to - from;
    this.nextOffset = to;
  }

  offset(i: number): number {
    return this.#from + i;
  }

  timestamp(i: number): number {
    return this.#records.timestamp(this.#from + i);
  }

  keyBytes(i: number): Uint8Array | null {
    return this.#records.key(this.#from + i);
  }

  valueBytes(i: number): Uint8Array | null {
    return this.#records.value(this.#from + i);
  }

  keyText(i: number): string | null {
    return this.#records.keyText(this.#from + i);
  }

  valueText(i: number): string | null {
    return this.#records.valueText(this.#from + i);
  }

  headers(i: number): RecordHeaders {
    return this.#records.headers(this.#from + i);
  }
}
