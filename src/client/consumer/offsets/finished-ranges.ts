import { readUnsignedVarint, varintEnd, writeUnsignedVarint } from '../../../base/varint.ts';

/** Offsets from `start` to before `end`. */
export interface OffsetRange {
  start: number;
  end: number;
}

/** Other clients write other things into the metadata of a commit. */
const TAG = 'mr1';
/** What brokers take by default (offset.metadata.max.bytes). */
const METADATA_CHARS_MAX = 4096;
const FORM = { RUNS: 0, BITS: 1 } as const;
const VARINT_BYTES_MAX = 8;
/** More offsets than any metadata describes. */
const OFFSETS_MAX = 2 ** 31;

/**
 * The finished offsets beyond a committed one as text: the lengths of gaps and runs in turn, or a
 * bit for each offset, whichever is shorter. What does not fit is left out and comes again.
 *
 *   'mr1' base64( form:byte  runs: (gap:uvarint run:uvarint)* | bits: one for each offset )
 */
export function writeFinishedRanges(committed: number, ranges: readonly OffsetRange[]): string {
  for (let count = ranges.length; count > 0; count -= Math.ceil(count / 16)) {
    const some = ranges.slice(0, count);
    const runs = runsOf(committed, some);
    const bits = bitsOf(committed, some, runs.length);
    const shorter = bits !== null && bits.length < runs.length ? bits : runs;
    const text = TAG + shorter.toString('base64');
    if (text.length <= METADATA_CHARS_MAX) return text;
  }
  return '';
}

/** Empty where the metadata says nothing of finished offsets. */
export function readFinishedRanges(committed: number, metadata: string | null): OffsetRange[] {
  if (metadata === null || !metadata.startsWith(TAG)) return [];
  const bytes = Buffer.from(metadata.slice(TAG.length), 'base64');
  if (bytes.length === 0) return [];
  if (bytes[0] === FORM.RUNS) return readRuns(committed, bytes);
  return bytes[0] === FORM.BITS ? readBits(committed, bytes) : [];
}

function runsOf(committed: number, ranges: readonly OffsetRange[]): Buffer {
  const bytes = Buffer.alloc(1 + ranges.length * 2 * VARINT_BYTES_MAX);
  bytes[0] = FORM.RUNS;
  let at = 1;
  let before = committed;
  for (const { start, end } of ranges) {
    at = writeUnsignedVarint(bytes, at, start - before);
    at = writeUnsignedVarint(bytes, at, end - start);
    before = end;
  }
  return bytes.subarray(0, at);
}

/** Null where it would be longer than so many bytes. */
function bitsOf(committed: number, ranges: readonly OffsetRange[], limit: number): Buffer | null {
  const span = ranges.at(-1)!.end - committed;
  const size = 1 + Math.ceil(span / 8);
  if (size >= limit) return null;
  const bytes = Buffer.alloc(size);
  bytes[0] = FORM.BITS;
  for (const { start, end } of ranges) {
    for (let bit = start - committed; bit < end - committed; bit++) {
      bytes[1 + (bit >>> 3)]! |= 1 << (bit & 7);
    }
  }
  return bytes;
}

function readRuns(committed: number, bytes: Buffer): OffsetRange[] {
  const ranges: OffsetRange[] = [];
  let offset = committed;
  let at = 1;
  while (at < bytes.length) {
    const gap = readUnsignedVarint(bytes, at, bytes.length);
    if (varintEnd < 0) return [];
    const run = readUnsignedVarint(bytes, varintEnd, bytes.length);
    if (varintEnd < 0 || offset - committed > OFFSETS_MAX) return [];
    at = varintEnd;
    const start = offset + gap;
    offset = start + run;
    ranges.push({ start, end: offset });
  }
  return ranges;
}

function readBits(committed: number, bytes: Buffer): OffsetRange[] {
  const ranges: OffsetRange[] = [];
  for (let bit = 0; bit < (bytes.length - 1) * 8; bit++) {
    if ((bytes[1 + (bit >>> 3)]! & (1 << (bit & 7))) === 0) continue;
    const start = committed + bit;
    const last = ranges.at(-1);
    if (last?.end === start) last.end = start + 1;
    else ranges.push({ start, end: start + 1 });
  }
  return ranges;
}
