import { writeCompressedBlock } from './zstd-block-encoder.ts';
import { WINDOW_BYTES, ZstdMatchFinder } from './zstd-match-finder.ts';
import { BLOCK_BYTES_MAX, BLOCK_COMPRESSED, BLOCK_RAW, FRAME_MAGIC } from './zstd-tables.ts';

/**
 * Zstandard frames (RFC 8878), for Node without zstd of its own: one frame with its content size,
 * no checksum, blocks of 128 KB. A single level: fast matching, Huffman literals, sequence tables
 * made to measure.
 */
const FRAME_HEADER_MAX = 10;
const BLOCK_HEADER_SIZE = 3;
const SINGLE_SEGMENT_FLAG = 0x20;
const WINDOW_CODE = 13 << 3;

let sharedFinder: ZstdMatchFinder | undefined;

export function encodeZstd(input: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(input.length / BLOCK_BYTES_MAX));
  const out = Buffer.allocUnsafeSlow(FRAME_HEADER_MAX + input.length + blocks * BLOCK_HEADER_SIZE);
  sharedFinder ??= new ZstdMatchFinder();
  const finder = sharedFinder;
  finder.start(input);
  let position = writeFrameHeader(out, input.length);
  let start = 0;
  do {
    const end = Math.min(start + BLOCK_BYTES_MAX, input.length);
    position = writeBlock(finder, input, start, end, out, position);
    start = end;
  } while (start < input.length);
  finder.finish();
  return out.subarray(0, position);
}

function writeFrameHeader(out: Buffer, length: number): number {
  out.writeUInt32LE(FRAME_MAGIC, 0);
  if (length > WINDOW_BYTES) {
    out[4] = 2 << 6;
    out[5] = WINDOW_CODE;
    return out.writeUInt32LE(length, 6);
  }
  if (length < 256) {
    out[4] = SINGLE_SEGMENT_FLAG;
    out[5] = length;
    return 6;
  }
  if (length < 65_536 + 256) {
    out[4] = (1 << 6) | SINGLE_SEGMENT_FLAG;
    return out.writeUInt16LE(length - 256, 5);
  }
  out[4] = (2 << 6) | SINGLE_SEGMENT_FLAG;
  return out.writeUInt32LE(length, 5);
}

function writeBlock(
  finder: ZstdMatchFinder,
  input: Uint8Array,
  start: number,
  end: number,
  out: Buffer,
  at: number,
): number {
  const [first, second, third] = finder.repeats as unknown as [number, number, number];
  const from = at + BLOCK_HEADER_SIZE;
  finder.find(start, end);
  let type: number = BLOCK_COMPRESSED;
  let to = writeCompressedBlock(finder, input, start, end, out, from);
  if (to < 0) {
    // A raw block leaves the decoder's recent offsets as they were.
    finder.repeats.set([first, second, third]);
    type = BLOCK_RAW;
    out.set(input.subarray(start, end), from);
    to = from + end - start;
  }
  const last = end === input.length ? 1 : 0;
  out.writeUIntLE(last | (type << 1) | ((to - from) << 3), at, BLOCK_HEADER_SIZE);
  return to;
}
