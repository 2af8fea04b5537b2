import { MillraceError } from '../base/errors.ts';
import { BLOCK_RLE, FRAME_MAGIC } from './zstd-tables.ts';

const MAGIC_BYTES = 4;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_HEAD_BYTES = 8;
const SINGLE_SEGMENT_FLAG = 0x20;
const CHECKSUM_FLAG = 0x04;
const CHECKSUM_BYTES = 4;
const BLOCK_HEAD_BYTES = 3;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

/** Whether the frame that begins at `at` holds no data. */
export function isZstdSkippable(bytes: Buffer, at: number): boolean {
  need(bytes, at, MAGIC_BYTES);
  return (bytes.readUInt32LE(at) & ~0x0f) >>> 0 === SKIPPABLE_MAGIC;
}

/**
 * Where the frame that begins at `at` ends, told by the heads of its blocks. Nothing is opened.
 * Older versions of node:zlib open one frame, cut off or not, and say nothing about the rest.
 */
export function zstdFrameEnd(bytes: Buffer, at: number): number {
  if (isZstdSkippable(bytes, at)) {
    need(bytes, at, SKIPPABLE_HEAD_BYTES);
    const size = bytes.readUInt32LE(at + MAGIC_BYTES);
    need(bytes, at + SKIPPABLE_HEAD_BYTES, size);
    return at + SKIPPABLE_HEAD_BYTES + size;
  }
  if (bytes.readUInt32LE(at) !== FRAME_MAGIC) throw malformed('no zstd frame');
  need(bytes, at + MAGIC_BYTES, 1);
  const descriptor = bytes[at + MAGIC_BYTES]!;
  let position = at + MAGIC_BYTES + 1 + headRestBytes(descriptor);
  for (let isLast = false; !isLast; ) {
    need(bytes, position, BLOCK_HEAD_BYTES);
    const head = bytes.readUIntLE(position, BLOCK_HEAD_BYTES);
    const contentBytes = ((head >>> 1) & 3) === BLOCK_RLE ? 1 : head >>> 3;
    position += BLOCK_HEAD_BYTES + contentBytes;
    isLast = (head & 1) !== 0;
  }
  if ((descriptor & CHECKSUM_FLAG) !== 0) position += CHECKSUM_BYTES;
  need(bytes, position, 0);
  return position;
}

/** The bytes of a frame's head after its descriptor. */
function headRestBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & SINGLE_SEGMENT_FLAG) !== 0;
  const sizeCode = descriptor >>> 6;
  const sizeBytes = sizeCode === 0 && isSingleSegment ? 1 : CONTENT_SIZE_BYTES[sizeCode]!;
  return (isSingleSegment ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3]! + sizeBytes;
}

function need(bytes: Buffer, at: number, length: number): void {
  if (at + length > bytes.length) throw malformed('it is cut off');
}

function malformed(what: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', `bad zstd data: ${what}`);
}
