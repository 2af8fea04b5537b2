import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import type { ConsumerRecord } from '../../client/consumer/records/consumer-record.ts';
import type { RecordBatch } from '../../client/consumer/records/record-batch.ts';
import { partitionName } from '../../client/topic-partition.ts';
import type { Ending } from '../ending.ts';
import type { Progress } from '../progress.ts';
import type { ConsumePlan } from './consume-plan.ts';
import type { OutputBuffer } from './output-buffer.ts';

const WRITE_BYTES = 64 * 1024;

/** Prints records up to where the plan ends, and keeps account of what was printed. */
export class RecordPrinter {
  readonly #plan: ConsumePlan;
  readonly #ending: Ending;
  readonly #progress: Progress;
  readonly #ends: ReadonlyMap<string, number>;
  #left: number;
  #next: OffsetToCommit | null = null;

  constructor(
    plan: ConsumePlan,
    ending: Ending,
    progress: Progress,
    ends: ReadonlyMap<string, number>,
  ) {
    this.#plan = plan;
    this.#ending = ending;
    this.#progress = progress;
    this.#ends = ends;
    this.#left = plan.maxMessages;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  /** What is printed of the batch in hand, which the consumer does not count as done. */
  get unfinished(): OffsetToCommit | null {
    return this.#ending.code === 0 ? null : this.#next;
  }

  /** False where the rest of the batch is not wanted. */
  add(out: OutputBuffer, record: ConsumerRecord<Uint8Array | null, Uint8Array | null>): boolean {
    const { topic, partition, offset } = record;
    const { stopTimeMs, format } = this.#plan;
    if (this.#left === 0) return false;
    if (offset >= (this.#ends.get(partitionName({ topic, partition })) ?? Infinity)) return false;
    if (stopTimeMs !== null && record.timestamp >= stopTimeMs) return true;
    const before = out.length;
    format(out, record);
    this.#left--;
    this.#progress.records++;
    this.#progress.bytes += out.length - before;
    this.#next = { topic, partition, offset: offset + 1, leaderEpoch: record.leaderEpoch };
    return true;
  }

  isFull(out: OutputBuffer): boolean {
    return this.#plan.isUnbuffered || out.length >= WRITE_BYTES;
  }

  onWritten(batch: RecordBatch<Uint8Array | null, Uint8Array | null>): void {
    const next = this.#next;
    if (next === null || next.offset !== batch.lastOffset + 1) return;
    this.#next = { ...next, offset: batch.nextOffset };
  }
}
