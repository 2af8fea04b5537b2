import { baseOffset, lastOffset, wholeBatchSize } from '../../records/batch-layout.ts';
import { BatchReader } from '../consumer/records/batch-reader.ts';
import type { RecordReaders } from '../consumer/records/record-readers.ts';
import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { ACKNOWLEDGE, type AcknowledgeType } from './acknowledge-type.ts';
import { AcquiredRanges, type OffsetRange } from './acquired-ranges.ts';
import { type RecordHolder, ShareRecord } from './share-record.ts';

/** Offsets of which the client itself says what becomes of them. */
export interface MarkedRange extends OffsetRange {
  readonly type: AcknowledgeType;
}

export interface ReadOptions<K, V> {
  readonly readers: RecordReaders<K, V>;
  readonly checkCrcs: boolean;
  readonly maxBatchBytes: number;
  readonly holder: RecordHolder;
  readonly lockedUntilMs: number;
}

/**
 * The acquired records among those that a broker sent. Other records stand there too: batches come
 * whole. An acquired offset without a record is a gap. A batch that is damaged is rejected, as it
 * would be so for each member; what the bytes do not reach is released.
 */
export class AcquiredRecords<K, V> {
  readonly records: ShareRecord<K, V>[] = [];
  readonly marks: MarkedRange[] = [];
  /** The first damage that was found. */
  error: KafkaError | null = null;
  readonly #place: TopicPartition;
  readonly #options: ReadOptions<K, V>;
  readonly #ranges: AcquiredRanges;

  constructor(
    place: TopicPartition,
    bytes: Buffer | null,
    ranges: ConstructorParameters<typeof AcquiredRanges>[0],
    options: ReadOptions<K, V>,
  ) {
    this.#place = place;
    this.#options = options;
    this.#ranges = new AcquiredRanges(ranges);
    this.#readAll(bytes ?? Buffer.alloc(0));
    this.#mark(this.#ranges.takeBelow(Number.POSITIVE_INFINITY), ACKNOWLEDGE.RELEASE);
  }

  #readAll(bytes: Buffer): void {
    let at = 0;
    for (;;) {
      const size = wholeBatchSize(bytes, at, bytes.length);
      if (size < 0) this.#fail(new Error('it is none of format 2'), at);
      if (size <= 0) return;
      this.#readBatch(bytes.subarray(at, at + size), at);
      at += size;
    }
  }

  #readBatch(bytes: Buffer, at: number): void {
    const { readers, checkCrcs, maxBatchBytes } = this.#options;
    const options = { readers, checkCrcs, maxBatchBytes, aborted: null };
    const end = lastOffset(bytes, 0) + 1;
    this.#mark(this.#ranges.takeBelow(baseOffset(bytes, 0)), ACKNOWLEDGE.GAP);
    try {
      const reader = new BatchReader(this.#place, bytes, baseOffset(bytes, 0), options);
      const batch = reader.next();
      for (let i = 0; batch !== null && i < batch.length; i++) {
        const offset = batch.offset(i);
        this.#mark(this.#ranges.takeBelow(offset), ACKNOWLEDGE.GAP);
        const count = this.#ranges.take(offset);
        if (count === 0) continue;
        const { holder, lockedUntilMs } = this.#options;
        this.records.push(new ShareRecord(batch, i, { holder, count, lockedUntilMs }));
      }
      this.#mark(this.#ranges.takeBelow(end), ACKNOWLEDGE.GAP);
    } catch (thrown) {
      this.#fail(thrown, at);
      this.#mark(this.#ranges.takeBelow(end), ACKNOWLEDGE.REJECT);
    }
  }

  #mark(ranges: readonly OffsetRange[], type: AcknowledgeType): void {
    for (const range of ranges) this.marks.push({ ...range, type });
  }

  #fail(thrown: unknown, at: number): void {
    const { topic, partition } = this.#place;
    const { message } = toKafkaError(thrown);
    const where = `partition ${topic}-${partition}, batch at byte ${at} of an answer`;
    const details = { topic, partition, cause: thrown };
    this.error ??= new KafkaError('CORRUPT_MESSAGE', `${where}: ${message}`, details);
  }
}
