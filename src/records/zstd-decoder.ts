import { type Allocate, Output, readLow, zeroedBytes } from './output.ts';
import { readLiterals, type ZstdState } from './zstd-literals.ts';
import { malformedZstd } from './zstd-malformed.ts';
import { readSequences } from './zstd-sequences.ts';
import {
  BLOCK_BYTES_MAX,
  BLOCK_COMPRESSED,
  BLOCK_RAW,
  BLOCK_RLE,
  FRAME_MAGIC,
} from './zstd-tables.ts';

/**
 * Zstandard frames (RFC 8878), for browsers and Node without zstd of their own. Dictionaries are
 * not known. The optional content checksum is stepped over: the batch's CRC-32C covers as much.
 *
 *   frame: magic u32 | descriptor | window? | dictionary id? | content size? | blocks | checksum?
 *   block: last (1 bit), type (2), size (21) | content
 */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** Bit streams are read four bytes at a time and backwards: both ends need room to overrun. */
const PADDING = 16;
const HINT_FACTOR = 32;

export function decodeZstd(
  input: Uint8Array,
  bytesMax: number,
  allocate: Allocate = zeroedBytes,
): Uint8Array {
  const bytes = allocate(input.length + 2 * PADDING);
  bytes.fill(0, 0, PADDING);
  bytes.set(input, PADDING);
  bytes.fill(0, PADDING + input.length);
  const end = PADDING + input.length;
  const out = new Output('zstd', input.length * 4, bytesMax, allocate);
  let position = PADDING;
  do {
    need(position, 4, end);
    const magic = readLow(bytes, position, 4);
    if (magic === FRAME_MAGIC) {
      position = readFrame(bytes, position + 4, end, out);
    } else if ((magic & ~0x0f) >>> 0 === SKIPPABLE_MAGIC) {
      need(position, 8, end);
      const size = readLow(bytes, position + 4, 4);
      need(position + 8, size, end);
      position += 8 + size;
    } else {
      throw malformedZstd('no zstd frame');
    }
  } while (position < end);
  return out.written();
}

function need(at: number, length: number, end: number): void {
  if (length > end - at) throw malformedZstd('it is cut off');
}

let contentSize = 0;
let blockBytesMax = 0;

function readFrame(bytes: Uint8Array, at: number, end: number, out: Output): number {
  need(at, 1, end);
  const hasChecksum = (bytes[at]! & 0x04) !== 0;
  let position = readFrameHeader(bytes, at, end);
  if (contentSize > out.room) throw out.tooLarge();
  out.reserve(Math.min(contentSize, (end - at) * HINT_FACTOR, out.room));
  const frameStart = out.length;
  const state: ZstdState = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    literals: new Uint8Array(0),
    literalsLength: 0,
    huffman: undefined,
    tables: [undefined, undefined, undefined],
    repeats: [1, 4, 8],
    frameStart,
  };
  for (let isLast = false; !isLast; ) {
    need(position, 3, end);
    const header = readLow(bytes, position, 3);
    position = readBlock(state, position + 3, end, header, out);
    isLast = (header & 1) !== 0;
  }
  if (contentSize > 0 && out.length - frameStart !== contentSize) {
    throw malformedZstd('the content size is wrong');
  }
  if (!hasChecksum) return position;
  need(position, 4, end);
  return position + 4;
}

/** Returns where the blocks begin. A content size that is not told is 0. */
function readFrameHeader(bytes: Uint8Array, at: number, end: number): number {
  const descriptor = bytes[at]!;
  if ((descriptor & 0x08) !== 0) throw malformedZstd('a reserved bit is set');
  const isSingleSegment = (descriptor & 0x20) !== 0;
  let position = at + 1;
  let windowBytes = 0;
  if (!isSingleSegment) {
    need(position, 1, end);
    const window = bytes[position++]!;
    const base = 2 ** (10 + (window >>> 3));
    windowBytes = base + (base / 8) * (window & 7);
  }
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3]!;
  need(position, dictionaryIdBytes, end);
  if (dictionaryIdBytes > 0 && readLow(bytes, position, dictionaryIdBytes) !== 0) {
    throw malformedZstd('dictionaries are not known');
  }
  position += dictionaryIdBytes;
  const sizeFlag = descriptor >>> 6;
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  need(position, sizeBytes, end);
  contentSize = 0;
  if (sizeBytes === 8) {
    contentSize = readLow(bytes, position, 4) + readLow(bytes, position + 4, 4) * 2 ** 32;
  } else if (sizeBytes > 0) {
    contentSize = readLow(bytes, position, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
  }
  blockBytesMax = Math.min(BLOCK_BYTES_MAX, isSingleSegment ? contentSize : windowBytes);
  return position + sizeBytes;
}

function readBlock(state: ZstdState, at: number, end: number, header: number, out: Output): number {
  const type = (header >>> 1) & 3;
  const size = header >>> 3;
  if (size > BLOCK_BYTES_MAX) throw malformedZstd('a block is too large');
  if (type === BLOCK_RLE) {
    need(at, 1, end);
    out.reserve(size);
    out.bytes.fill(state.bytes[at]!, out.length, out.length + size);
    out.length += size;
    return at + 1;
  }
  need(at, size, end);
  if (type === BLOCK_RAW) {
    out.append(state.bytes, at, at + size);
    return at + size;
  }
  if (type !== BLOCK_COMPRESSED) throw malformedZstd('a reserved block type');
  const room = out.room;
  out.reserve(Math.min(blockBytesMax, room));
  const limit = out.length + Math.min(blockBytesMax, room);
  const sequencesAt = readLiterals(state, at, at + size);
  const written = readSequences(state, sequencesAt, at + size, out.bytes, out.length, limit);
  if (written < 0) {
    if (room < blockBytesMax) throw out.tooLarge();
    throw malformedZstd('a block is too large');
  }
  out.length = written;
  return at + size;
}
