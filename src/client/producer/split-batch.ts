import { readVarint, sizeOfVarint, varintEnd, writeVarint } from '../../base/varint.ts';
import { BATCH_HEADER_SIZE, sequenceAfter } from '../../records/batch-layout.ts';
import { CODEC } from '../../records/codec-ids.ts';
import { decompress } from '../../records/compression.ts';
import type { Accumulator } from './accumulator.ts';
import type { Batch } from './batch.ts';
import { BatchOutcome } from './batch-outcome.ts';

const OPENED_BYTES_MAX = 256 * 1024 * 1024;
const VARINT_MAX = 5;

/**
 * Cuts a batch that the broker finds too large into two. The records keep their order and their
 * numbers, so the parts are to the broker what the whole was.
 */
export function splitBatch(batch: Batch, accumulator: Accumulator): Batch[] {
  const records = Buffer.from(decompress(batch.codec, batch.records, OPENED_BYTES_MAX));
  const half = batch.count >> 1;
  const cut = endOf(records, half);
  const { topic, partition } = batch.outcome;
  const parts = [
    { from: 0, to: cut, first: 0, count: half },
    { from: cut, to: records.length, first: half, count: batch.count - half },
  ].map(({ from, to, first, count }) => {
    // Offset deltas get smaller, so a part never needs more than its records had.
    const bytes = Buffer.allocUnsafeSlow(BATCH_HEADER_SIZE + to - from + count * VARINT_MAX);
    const part = accumulator.adopt(bytes, batch, new BatchOutcome(topic, partition));
    part.baseTimestamp = batch.baseTimestamp;
    part.maxTimestamp = batch.maxTimestamp;
    part.count = count;
    part.length = rewrite(records, from, to, first, bytes);
    part.close();
    if (batch.codec !== CODEC.NONE) part.pack(batch.codec, accumulator.level);
    part.attempts = batch.attempts;
    const sequence = batch.hasSequence ? sequenceAfter(batch.sequence, first) : -1;
    part.seal(batch.producerId, batch.producerEpoch, sequence);
    return part;
  });
  batch.outcome.become(
    parts.map(({ outcome }) => outcome),
    [0, half],
  );
  return parts;
}

function endOf(records: Buffer, count: number): number {
  let at = 0;
  for (let i = 0; i < count; i++) {
    const size = readVarint(records, at, records.length);
    at = varintEnd + size;
  }
  return at;
}

/** The same records with offset deltas that begin at 0. */
function rewrite(records: Buffer, from: number, to: number, first: number, bytes: Buffer): number {
  let target = BATCH_HEADER_SIZE;
  for (let at = from; at < to; ) {
    const size = readVarint(records, at, to);
    const start = varintEnd;
    const end = start + size;
    readVarint(records, start + 1, end);
    const deltaAt = varintEnd;
    const delta = readVarint(records, deltaAt, end);
    const restAt = varintEnd;
    const fresh = delta - first;
    const length = deltaAt - start + sizeOfVarint(fresh) + end - restAt;
    target = writeVarint(bytes, target, length);
    target += records.copy(bytes, target, start, deltaAt);
    target = writeVarint(bytes, target, fresh);
    target += records.copy(bytes, target, restAt, end);
    at = end;
  }
  return target;
}
