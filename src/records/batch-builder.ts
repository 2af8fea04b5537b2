import { assert } from '../base/assert.ts';
import {
  ATTRIBUTES,
  BATCH_HEADER_SIZE,
  CONTROL_FLAG,
  LOG_APPEND_TIME_FLAG,
  LOG_OVERHEAD,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  setAttributes,
  setBaseOffset,
  setBaseTimestamp,
  setBatchLength,
  setCrc,
  setLastOffsetDelta,
  setMagic,
  setMaxTimestamp,
  setPartitionLeaderEpoch,
  setProducer,
  setRecordCount,
  TRANSACTIONAL_FLAG,
} from './batch-layout.ts';
import { CODEC } from './codec-ids.ts';
import { compress } from './compression.ts';
import { crc32c } from './crc32c.ts';
import type { RecordHeader } from './record-iterator.ts';
import { RecordWriter } from './record-writer.ts';

export interface BatchOptions {
  readonly baseOffset?: number;
  readonly leaderEpoch?: number;
  /** One of CODEC. */
  readonly codec?: number;
  readonly level?: number;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  /** Marks the batch as LogAppendTime and stamps it with this time. */
  readonly appendTimeMs?: number;
}

export interface RecordInput {
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
  readonly headers?: readonly RecordHeader[];
  readonly timestamp?: number;
}

const NO_HEADERS: readonly RecordHeader[] = [];

/** Gathers records into one batch of format v2. */
export class BatchBuilder {
  #options: BatchOptions;
  #writer = new RecordWriter(BATCH_HEADER_SIZE);
  #count = 0;
  #baseTimestamp = NO_TIMESTAMP;
  #maxTimestamp = NO_TIMESTAMP;

  constructor(options: BatchOptions = {}) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  /** Before compression. */
  get sizeInBytes(): number {
    return this.#writer.length;
  }

  append(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly RecordHeader[] = NO_HEADERS,
  ): void {
    if (this.#count === 0) this.#baseTimestamp = timestamp;
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    this.#writer.record(timestamp - this.#baseTimestamp, this.#count, key, value, headers);
    this.#count++;
  }

  /** The finished batch in memory of its own. The builder can be reset and reused afterwards. */
  build(): Buffer {
    assert(this.#count > 0, 'a batch needs a record');
    const options = this.#options;
    const { bytes, length } = this.#writer;
    const codec = options.codec ?? CODEC.NONE;
    const batch = assembleBatch(bytes, BATCH_HEADER_SIZE, length, codec, options.level);
    let flags = codec;
    if (options.transactional === true) flags |= TRANSACTIONAL_FLAG;
    if (options.control === true) flags |= CONTROL_FLAG;
    if (options.appendTimeMs !== undefined) flags |= LOG_APPEND_TIME_FLAG;
    setBaseOffset(batch, 0, options.baseOffset ?? 0);
    setPartitionLeaderEpoch(batch, 0, options.leaderEpoch ?? -1);
    setMagic(batch, 0);
    setAttributes(batch, 0, flags);
    setLastOffsetDelta(batch, 0, this.#count - 1);
    setBaseTimestamp(batch, 0, this.#baseTimestamp);
    setMaxTimestamp(batch, 0, options.appendTimeMs ?? this.#maxTimestamp);
    setProducer(
      batch,
      0,
      options.producerId ?? NO_PRODUCER_ID,
      options.producerEpoch ?? NO_PRODUCER_EPOCH,
      options.baseSequence ?? NO_SEQUENCE,
    );
    setRecordCount(batch, 0, this.#count);
    sealBatch(batch);
    return batch;
  }

  reset(options: BatchOptions = this.#options): void {
    this.#options = options;
    this.#writer.length = BATCH_HEADER_SIZE;
    this.#count = 0;
    this.#baseTimestamp = NO_TIMESTAMP;
    this.#maxTimestamp = NO_TIMESTAMP;
  }
}

/** One batch of the given records; a record without a timestamp gets -1. */
export function buildBatch(records: readonly RecordInput[], options: BatchOptions = {}): Buffer {
  const builder = new BatchBuilder(options);
  for (const { key, value, headers, timestamp } of records) {
    builder.append(timestamp ?? NO_TIMESTAMP, key ?? null, value ?? null, headers);
  }
  return builder.build();
}

/** A buffer with room for the header, then the records, compressed where a codec is given. */
export function assembleBatch(
  bytes: Uint8Array,
  start: number,
  end: number,
  codec: number,
  level?: number,
): Buffer {
  const records = compress(codec, bytes.subarray(start, end), level);
  const batch = Buffer.allocUnsafe(BATCH_HEADER_SIZE + records.length);
  batch.set(records, BATCH_HEADER_SIZE);
  return batch;
}

/** Writes the length and, last of all, the CRC. */
export function sealBatch(batch: Buffer): void {
  setBatchLength(batch, 0, batch.length - LOG_OVERHEAD);
  setCrc(batch, 0, crc32c(batch, ATTRIBUTES, batch.length));
}
