/** Record batches, built once before the load begins: random capitals, as Kafka's tool sends. */
import { sizeOfVarint } from '#millrace/base/varint';
import { BatchBuilder } from '#millrace/records/batch-builder';
import { BATCH_HEADER_SIZE } from '#millrace/records/batch-layout';
import { codecIdOf } from '#millrace/records/codec-ids';

export { CODEC_NAMES as CODECS, type CodecName as Codec } from '#millrace/records/codec-ids';

import type { CodecName } from '#millrace/records/codec-ids';

export interface BatchSpec {
  readonly codec: CodecName;
  readonly recordBytes: number;
  readonly recordsPerBatch: number;
  readonly seed: number;
  /** Gives every record a key of KEY_BYTES, to be filled in later. */
  readonly keyed?: boolean;
  readonly producer?: { readonly id: number; readonly epoch: number };
  readonly transactional?: boolean;
}

/** The decimal digits of a key, in front of which zeros stand. */
export const KEY_BYTES = 8;

/** As many records as fit into `batchBytes` before compression, at least one. */
export function recordsInBatch(batchBytes: number, recordBytes: number, keyBytes = 0): number {
  // Attributes, timestamp delta 0, offset delta of two bytes, key, value, no headers.
  const body = 2 + 2 + 1 + keyBytes + sizeOfVarint(recordBytes) + recordBytes + 1;
  const each = sizeOfVarint(body) + body;
  return Math.max(1, Math.floor((batchBytes - BATCH_HEADER_SIZE) / each));
}

/** A small generator with a fixed seed (xorshift32): the same load on every machine. */
export function randomCapitals(bytes: number, seed: number): Buffer {
  const target = Buffer.allocUnsafe(bytes);
  let state = seed | 1;
  for (let at = 0; at < bytes; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    target[at] = 65 + ((state >>> 0) % 26);
  }
  return target;
}

/** A whole batch with base offset 0 and, for an idempotent producer, base sequence 0. */
export function buildBatch(spec: BatchSpec, nowMs: number): Buffer {
  const { recordBytes, recordsPerBatch, producer } = spec;
  const values = randomCapitals(recordBytes * recordsPerBatch, spec.seed);
  const codec = codecIdOf(spec.codec);
  const identity =
    producer === undefined
      ? {}
      : { producerId: producer.id, producerEpoch: producer.epoch, baseSequence: 0 };
  const key = spec.keyed === true ? Buffer.alloc(KEY_BYTES, 48) : null;
  const transactional = spec.transactional === true;
  const builder = new BatchBuilder({ codec, transactional, ...identity });
  for (let index = 0; index < recordsPerBatch; index++) {
    const value = values.subarray(index * recordBytes, (index + 1) * recordBytes);
    builder.append(nowMs, key, value);
  }
  return builder.build();
}
