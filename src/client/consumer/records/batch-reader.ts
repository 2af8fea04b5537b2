import { MillraceError } from '../../../base/errors.ts';
import {
  BATCH_HEADER_SIZE,
  baseOffset,
  baseTimestamp,
  codecId,
  isControl,
  isLogAppendTime,
  lastOffset,
  maxTimestamp,
  partitionLeaderEpoch,
  recordCount,
  wholeBatchSize,
} from '../../../records/batch-layout.ts';
import { hasValidCrc } from '../../../records/batch-validator.ts';
import { CODEC } from '../../../records/codec-ids.ts';
import { decompress } from '../../../records/compression.ts';
import type { TopicPartition } from '../../topic-partition.ts';
import type { AbortedTransactions } from './aborted-transactions.ts';
import { type BatchOrigin, RecordBatch } from './record-batch.ts';
import { indexRecords } from './record-index.ts';
import type { RecordReaders } from './record-readers.ts';

export interface BatchReaderOptions<K, V> {
  readonly readers: RecordReaders<K, V>;
  readonly checkCrcs: boolean;
  /** What one batch may grow to when it is opened. */
  readonly maxBatchBytes: number;
  /** Null where uncommitted records are read too. */
  readonly aborted: AbortedTransactions | null;
}

/**
 * Reads the batches that a broker sent for one partition, one after the other. Control batches and
 * aborted transactions are stepped over.
 */
export class BatchReader<K, V> {
  readonly #place: TopicPartition;
  readonly #bytes: Buffer;
  readonly #options: BatchReaderOptions<K, V>;
  #at = 0;
  #nextOffset: number;
  #leaderEpoch = -1;

  /** Records before `offset` are left out: a batch may begin before it. */
  constructor(
    place: TopicPartition,
    bytes: Buffer,
    offset: number,
    options: BatchReaderOptions<K, V>,
  ) {
    this.#place = place;
    this.#bytes = bytes;
    this.#options = options;
    this.#nextOffset = offset;
  }

  /** The offset behind what was read. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** Of the last batch that was read, -1 before the first. */
  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  /** The next batch with records, null behind the last one. Throws MILLRACE_CORRUPT. */
  next(): RecordBatch<K, V> | null {
    const bytes = this.#bytes;
    const { aborted } = this.#options;
    for (;;) {
      const at = this.#at;
      const size = this.#check(at);
      if (size === 0) return null;
      const isLeftOut = aborted?.covers(bytes, at) === true || isControl(bytes, at);
      const batch = isLeftOut ? null : this.#open(at, size);
      this.#at = at + size;
      this.#leaderEpoch = partitionLeaderEpoch(bytes, at);
      this.#nextOffset = Math.max(this.#nextOffset, lastOffset(bytes, at) + 1);
      if (batch !== null && batch.length > 0) return batch;
    }
  }

  /** The size of the whole batch at `at`, 0 where there is none any more. */
  #check(at: number): number {
    const bytes = this.#bytes;
    const size = wholeBatchSize(bytes, at, bytes.length);
    if (size < 0) throw this.#damaged('is none of format 2');
    if (size === 0) return 0;
    if (this.#options.checkCrcs && !hasValidCrc(bytes, at, size)) {
      throw this.#damaged('has another CRC than its bytes');
    }
    if (!Number.isSafeInteger(lastOffset(bytes, at))) throw this.#damaged('has no sane offset');
    return size;
  }

  #open(at: number, size: number): RecordBatch<K, V> {
    const bytes = this.#bytes;
    const { readers, maxBatchBytes } = this.#options;
    const origin: BatchOrigin = {
      topic: this.#place.topic,
      partition: this.#place.partition,
      leaderEpoch: partitionLeaderEpoch(bytes, at),
      baseOffset: baseOffset(bytes, at),
      nextOffset: lastOffset(bytes, at) + 1,
      baseTimestamp: baseTimestamp(bytes, at),
      appendTimeMs: isLogAppendTime(bytes, at) ? maxTimestamp(bytes, at) : -1,
    };
    const count = recordCount(bytes, at);
    const fromDelta = this.#nextOffset - origin.baseOffset;
    const start = at + BATCH_HEADER_SIZE;
    const codec = codecId(bytes, at);
    if (codec === CODEC.NONE || count === 0) {
      const index = indexRecords(bytes, start, at + size, count, fromDelta);
      return new RecordBatch(origin, bytes, index, readers);
    }
    const opened = decompress(codec, bytes.subarray(start, at + size), maxBatchBytes);
    const records = Buffer.from(opened.buffer, opened.byteOffset, opened.byteLength);
    const index = indexRecords(records, 0, records.length, count, fromDelta);
    return new RecordBatch(origin, records, index, readers);
  }

  #damaged(what: string): MillraceError {
    const { topic, partition } = this.#place;
    const where = `partition ${topic}-${partition}: the batch at offset ${this.#nextOffset}`;
    return new MillraceError('MILLRACE_CORRUPT', `${where} ${what}`);
  }
}

/** The offset and epoch behind the whole batches in `bytes`, by their headers only. */
export function endOfBatches(bytes: Buffer, offset: number): { offset: number; epoch: number } {
  let end = offset;
  let epoch = -1;
  let at = 0;
  for (;;) {
    const size = wholeBatchSize(bytes, at, bytes.length);
    if (size <= 0) return { offset: end, epoch };
    end = Math.max(end, lastOffset(bytes, at) + 1);
    epoch = partitionLeaderEpoch(bytes, at);
    at += size;
  }
}
