/** Record batches, built once before the load begins: random capitals, as Kafka's own tool sends. */
import { gzipSync } from 'node:zlib';
import { sizeOfVarint, writeVarint } from '#millrace/base/varint';
import * as layout from '#millrace/records/batch-layout';
import { crc32c } from '#millrace/records/crc32c';
import { LoadError } from './load-error.ts';

export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

export interface BatchSpec {
  readonly codec: Codec;
  readonly recordBytes: number;
  readonly recordsPerBatch: number;
  readonly seed: number;
}

/** As many records as fit into `batchBytes` before compression, at least one. */
export function recordsInBatch(batchBytes: number, recordBytes: number): number {
  const each = recordSize(recordBytes, 128);
  return Math.max(1, Math.floor((batchBytes - layout.BATCH_HEADER_SIZE) / each));
}

function recordSize(valueBytes: number, offsetDelta: number): number {
  const body = bodySize(valueBytes, offsetDelta);
  return sizeOfVarint(body) + body;
}

/** Attributes, timestamp delta 0, offset delta, no key, value, no headers. */
function bodySize(valueBytes: number, offsetDelta: number): number {
  return 2 + sizeOfVarint(offsetDelta) + 1 + sizeOfVarint(valueBytes) + valueBytes + 1;
}

/** A small generator with a fixed seed (xorshift32): the same load on every machine. */
function randomCapitals(target: Buffer, seed: number): void {
  let state = seed | 1;
  for (let at = 0; at < target.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    target[at] = 65 + ((state >>> 0) % 26);
  }
}

function encodeRecords(spec: BatchSpec): Buffer {
  const values = Buffer.alloc(spec.recordBytes * spec.recordsPerBatch);
  randomCapitals(values, spec.seed);
  const records = Buffer.alloc(recordSize(spec.recordBytes, 1 << 20) * spec.recordsPerBatch);
  let at = 0;
  for (let index = 0; index < spec.recordsPerBatch; index++) {
    at = writeVarint(records, at, bodySize(spec.recordBytes, index));
    records[at++] = 0;
    records[at++] = 0;
    at = writeVarint(records, at, index);
    at = writeVarint(records, at, -1);
    at = writeVarint(records, at, spec.recordBytes);
    at += values.copy(records, at, index * spec.recordBytes, (index + 1) * spec.recordBytes);
    records[at++] = 0;
  }
  return records.subarray(0, at);
}

function compress(codec: Codec, records: Buffer): Buffer {
  if (codec === 'none') return records;
  if (codec === 'gzip') return gzipSync(records);
  throw new LoadError(`no codec ${codec}`);
}

/** A whole batch with base offset 0, no producer and its CRC in place. */
export function buildBatch(spec: BatchSpec, nowMs: number): Buffer {
  const body = compress(spec.codec, encodeRecords(spec));
  const batch = Buffer.alloc(layout.BATCH_HEADER_SIZE + body.length);
  layout.setBatchLength(batch, 0, batch.length - layout.LOG_OVERHEAD);
  layout.setPartitionLeaderEpoch(batch, 0, -1);
  layout.setMagic(batch, 0);
  layout.setAttributes(batch, 0, CODECS.indexOf(spec.codec));
  layout.setLastOffsetDelta(batch, 0, spec.recordsPerBatch - 1);
  layout.setBaseTimestamp(batch, 0, nowMs);
  layout.setMaxTimestamp(batch, 0, nowMs);
  layout.setProducer(batch, 0, -1, -1, -1);
  layout.setRecordCount(batch, 0, spec.recordsPerBatch);
  body.copy(batch, layout.BATCH_HEADER_SIZE);
  stampCrc(batch);
  return batch;
}

export function stampCrc(batch: Buffer): void {
  layout.setCrc(batch, 0, crc32c(batch, layout.ATTRIBUTES, batch.length));
}
