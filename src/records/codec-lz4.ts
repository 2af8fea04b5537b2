import { compressLz4Block, expandLz4Block, lz4BoundBytes } from './lz4-block.ts';
import { corrupt, OutputBuffer, tooLarge } from './output-buffer.ts';
import { xxhash32 } from './xxhash32.ts';

/**
 * The LZ4 frame format. What is written is what the Java client writes: independent blocks of
 * 64 KB without checksums. All that the format allows, save dictionaries, is read.
 *
 *   +-----------+-----+----+----------------+----+   +------------+-------+--------------+
 *   | magic u32 | FLG | BD | content size   | HC |   | block size | block | checksum u32 |...
 *   |           |     |    | u64, optional  |    |   | u32        |       | optional     |
 *   +-----------+-----+----+----------------+----+   +------------+-------+--------------+
 *                               ... | end mark u32 = 0 | content checksum u32, optional |
 */
const MAGIC = 0x184d2204;
const VERSION_MASK = 0xc0;
const VERSION = 0x40;
const INDEPENDENT_FLAG = 0x20;
const BLOCK_CHECKSUM_FLAG = 0x10;
const CONTENT_SIZE_FLAG = 0x08;
const CONTENT_CHECKSUM_FLAG = 0x04;
const DICTIONARY_FLAG = 0x01;
const STORED_FLAG = 0x80000000;
const HEADER_SIZE = 7;
const SMALLEST_FRAME = HEADER_SIZE + 4;
const BLOCK_64_KB = 4;
const BLOCK_BYTES = 64 * 1024;
const EXPANSION_MAX = 255;

export function compressLz4(bytes: Uint8Array): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = Math.ceil(source.length / BLOCK_BYTES);
  const out = Buffer.allocUnsafeSlow(SMALLEST_FRAME + blocks * (4 + lz4BoundBytes(BLOCK_BYTES)));
  out.writeUInt32LE(MAGIC, 0);
  out[4] = VERSION | INDEPENDENT_FLAG;
  out[5] = BLOCK_64_KB << 4;
  out[6] = (xxhash32(out, 4, 6) >>> 8) & 0xff;
  let position = HEADER_SIZE;
  for (let start = 0; start < source.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, source.length);
    const blockEnd = compressLz4Block(source, start, end, out, position + 4);
    const size = blockEnd - position - 4;
    if (size < end - start) {
      out.writeUInt32LE(size, position);
      position = blockEnd;
    } else {
      out.writeUInt32LE((STORED_FLAG | (end - start)) >>> 0, position);
      source.copy(out, position + 4, start, end);
      position += 4 + end - start;
    }
  }
  out.writeUInt32LE(0, position);
  return out.subarray(0, position + 4);
}

export function decompressLz4(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new OutputBuffer('lz4', source.length * 4, maxBytes);
  let position = 0;
  do {
    position = readFrame(source, position, out, maxBytes);
  } while (position < source.length);
  return out.written();
}

function readFrame(source: Buffer, at: number, out: OutputBuffer, maxBytes: number): number {
  const frameStart = out.length;
  let position = checkFrameHeader(source, at);
  const flags = source[at + 4]!;
  const blockBytesMax = 1 << (8 + 2 * ((source[at + 5]! >>> 4) & 7));
  for (;;) {
    need(source, position, 4);
    const field = source.readUInt32LE(position);
    position += 4;
    if (field === 0) break;
    const size = field & ~STORED_FLAG;
    if (size > blockBytesMax) throw corrupt(`bad lz4 data: a block of ${size} bytes is too large`);
    need(source, position, size);
    const historyStart = (flags & INDEPENDENT_FLAG) !== 0 ? out.length : frameStart;
    const stored = field >= STORED_FLAG;
    readBlock(source, position, size, stored, blockBytesMax, historyStart, out, maxBytes);
    position += size;
    if ((flags & BLOCK_CHECKSUM_FLAG) !== 0) {
      need(source, position, 4);
      checkHash(source, position, xxhash32(source, position - size, position));
      position += 4;
    }
  }
  if ((flags & CONTENT_CHECKSUM_FLAG) !== 0) {
    need(source, position, 4);
    checkHash(source, position, xxhash32(out.bytes, frameStart, out.length));
    position += 4;
  }
  return position;
}

/** Returns where the blocks begin. The declared content size is not believed, hence not read. */
function checkFrameHeader(source: Buffer, at: number): number {
  need(source, at, HEADER_SIZE);
  if (source.readUInt32LE(at) !== MAGIC) throw corrupt('bad lz4 data: no LZ4 frame');
  const flags = source[at + 4]!;
  if ((flags & VERSION_MASK) !== VERSION) throw corrupt('bad lz4 data: unknown frame version');
  if ((flags & DICTIONARY_FLAG) !== 0) throw corrupt('bad lz4 data: dictionaries are not known');
  if (((source[at + 5]! >>> 4) & 7) < BLOCK_64_KB) throw corrupt('bad lz4 data: block size code');
  const hashAt = at + 6 + ((flags & CONTENT_SIZE_FLAG) !== 0 ? 8 : 0);
  need(source, hashAt, 1);
  if (source[hashAt] !== ((xxhash32(source, at + 4, hashAt) >>> 8) & 0xff)) {
    throw corrupt('bad lz4 data: the header checksum does not match');
  }
  return hashAt + 1;
}

function readBlock(
  source: Buffer,
  at: number,
  size: number,
  stored: boolean,
  blockBytesMax: number,
  historyStart: number,
  out: OutputBuffer,
  maxBytes: number,
): void {
  const room = maxBytes - out.length;
  if (stored) {
    out.reserve(size);
    source.copy(out.bytes, out.length, at, at + size);
    out.length += size;
    return;
  }
  const grown = Math.min(blockBytesMax, size * EXPANSION_MAX);
  out.reserve(Math.min(grown, room));
  const limit = out.length + Math.min(grown, room);
  const target = out.bytes as Buffer;
  const end = expandLz4Block(source, at, at + size, target, out.length, limit, historyStart);
  if (end < 0) {
    if (grown > room) throw tooLarge('lz4', maxBytes);
    throw corrupt('bad lz4 data: a malformed block');
  }
  out.length = end;
}

function need(source: Buffer, at: number, length: number): void {
  if (length > source.length - at) throw corrupt('bad lz4 data: it is cut off');
}

function checkHash(source: Buffer, at: number, hash: number): void {
  if (source.readUInt32LE(at) !== hash) throw corrupt('bad lz4 data: a checksum does not match');
}
