import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import type { Timed } from './earliest-first.ts';
import type { RecordChunk } from './record-chunk.ts';
import type { RecordInHand } from './record-in-hand.ts';
import type { SourceNode } from './source-node.ts';

const UNKNOWN = -1;

/**
 * The records of one partition that wait for their turn. The first one is read ahead: its timestamp
 * decides when the partition has its turn.
 */
export class RecordQueue implements Timed {
  readonly topic: string;
  readonly partition: number;
  readonly source: SourceNode;
  /** Of the first record; -1 where it could not be read. */
  time = UNKNOWN;
  /** The highest timestamp that was taken; -1 before. */
  partitionTime = UNKNOWN;
  /** Whether a record of it was taken. */
  wasTaken = false;
  /** How many records wait. */
  size = 0;
  /** The offset to go on at when all that waits is done; -1 before the first record. */
  #nextOffset = -1;
  readonly #chunks: RecordChunk[] = [];
  /** In the first chunk: the record behind the one read ahead. */
  #at = 0;
  #hasHead = false;
  #isSkipped = false;
  #offset = -1;
  #key: unknown = null;
  #value: unknown = null;
  #chunk: RecordChunk | null = null;
  #index = 0;
  #headers: RecordHeaders | null = null;

  constructor({ topic, partition }: TopicPartition, source: SourceNode) {
    this.topic = topic;
    this.partition = partition;
    this.source = source;
  }

  get isEmpty(): boolean {
    return !this.#hasHead;
  }

  /** The offset to go on at; -1 where nothing has come yet. */
  get position(): number {
    return this.#hasHead ? this.#offset : this.#nextOffset;
  }

  /** Where the task begins to read, before any record. */
  startAt(offset: number): void {
    this.#nextOffset = offset;
  }

  add(chunk: RecordChunk): void {
    this.#nextOffset = chunk.nextOffset;
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.size += chunk.length;
    if (!this.#hasHead) this.#readAhead();
  }

  /** Control records behind the last one are passed by. */
  passTo(offset: number): void {
    if (offset > this.#nextOffset) this.#nextOffset = offset;
  }

  /** Takes the first record, and reads the next one ahead. */
  take(hand: RecordInHand): void {
    hand.topic = this.topic;
    hand.partition = this.partition;
    hand.offset = this.#offset;
    hand.timestamp = this.time;
    hand.headers = this.#headers!;
    hand.key = this.#key;
    hand.value = this.#value;
    hand.chunk = this.#chunk;
    hand.index = this.#index;
    hand.isSkipped = this.#isSkipped;
    if (this.time > this.partitionTime) this.partitionTime = this.time;
    this.wasTaken = true;
    this.size--;
    this.#hasHead = false;
    this.#readAhead();
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#at = 0;
    this.#hasHead = false;
    this.size = 0;
    this.time = UNKNOWN;
    this.partitionTime = UNKNOWN;
  }

  /**
   * Records that cannot be read are passed by. Where all of them are such, the last one stays,
   * since its offset must be committed.
   */
  #readAhead(): void {
    const chunks = this.#chunks;
    while (chunks.length > 0) {
      const chunk = chunks[0]!;
      const i = this.#at;
      if (i + 1 < chunk.length) this.#at = i + 1;
      else {
        chunks.shift();
        this.#at = 0;
      }
      if (this.#read(chunk, i)) return;
      if (chunks.length === 0) {
        this.#skip();
        return;
      }
      this.size--;
    }
    this.time = UNKNOWN;
  }

  #read(chunk: RecordChunk, i: number): boolean {
    const { source } = this;
    this.#chunk = chunk;
    this.#index = i;
    this.#offset = chunk.offset(i);
    this.#headers = chunk.headers(i);
    if (!source.read(this, chunk, i, this.#offset, this.#headers)) return false;
    this.time = source.time;
    this.#key = source.key;
    this.#value = source.value;
    this.#isSkipped = false;
    this.#hasHead = true;
    return true;
  }

  #skip(): void {
    this.time = UNKNOWN;
    this.#key = null;
    this.#value = null;
    this.#isSkipped = true;
    this.#hasHead = true;
  }
}
