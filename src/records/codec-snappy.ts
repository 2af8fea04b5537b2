import { corrupt, OutputBuffer, tooLarge } from './output-buffer.ts';
import { compressSnappyBlock, snappyBoundBytes } from './snappy-encoder.ts';

/**
 * Snappy as Kafka's clients write it. The Java client frames it (after the xerial library): a
 * header, then blocks, each with its length. librdkafka and others write one bare block. Both are
 * read; the framed form is written.
 *
 *   +------------------+-----------+-----------+   +------------+-------------+
 *   | 82 S N A P P Y 0 | version 1 | compat. 1 |   | length i32 | snappy block| ...
 *   +------------------+-----------+-----------+   +------------+-------------+
 */
const FRAME_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const FRAME_HEADER_SIZE = 16;
const FRAME_BLOCK_BYTES = 32 * 1024;

/** No element of three bytes yields more than 64. */
const EXPANSION_MAX = 22;
const SHORT_COPY_MAX = 48;

export function compressSnappy(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / FRAME_BLOCK_BYTES);
  const out = Buffer.allocUnsafeSlow(
    FRAME_HEADER_SIZE + blocks * (4 + snappyBoundBytes(FRAME_BLOCK_BYTES)),
  );
  out.set(FRAME_MAGIC);
  out.writeInt32BE(1, 8);
  out.writeInt32BE(1, 12);
  const source = asBuffer(bytes);
  let position = FRAME_HEADER_SIZE;
  for (let start = 0; start < bytes.length; start += FRAME_BLOCK_BYTES) {
    const end = Math.min(start + FRAME_BLOCK_BYTES, bytes.length);
    const blockEnd = compressSnappyBlock(source, start, end, out, position + 4);
    out.writeInt32BE(blockEnd - position - 4, position);
    position = blockEnd;
  }
  return out.subarray(0, position);
}

export function decompressSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const source = asBuffer(bytes);
  if (!isFramed(source)) {
    const out = new OutputBuffer('snappy', declaredBytes(source, 0, source.length), maxBytes);
    decompressBlock(source, 0, source.length, out, maxBytes);
    return out.written();
  }
  const out = new OutputBuffer('snappy', source.length * 4, maxBytes);
  let position = FRAME_HEADER_SIZE;
  while (position < source.length) {
    if (source.length - position < 4) throw corrupt('bad snappy data: a block length is cut off');
    const length = source.readInt32BE(position);
    position += 4;
    if (length < 0 || length > source.length - position) {
      throw corrupt(`bad snappy data: a block of ${length} bytes does not fit`);
    }
    decompressBlock(source, position, position + length, out, maxBytes);
    position += length;
  }
  return out.written();
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isFramed(source: Buffer): boolean {
  if (source.length < FRAME_HEADER_SIZE) return false;
  for (let at = 0; at < FRAME_MAGIC.length; at++) {
    if (source[at] !== FRAME_MAGIC[at]) return false;
  }
  return true;
}

let preambleEnd = 0;

/** The length that a block declares, believed only as far as its bytes could yield it. */
function declaredBytes(source: Buffer, at: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let position = at; position < end && position - at < 5; position++) {
    const byte = source[position]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      preambleEnd = position + 1;
      if (value > (end - at) * EXPANSION_MAX) {
        throw corrupt(`bad snappy data: ${end - at} bytes cannot hold the declared ${value}`);
      }
      return value;
    }
    scale *= 128;
  }
  throw corrupt('bad snappy data: the length is cut off');
}

function decompressBlock(
  source: Buffer,
  at: number,
  end: number,
  out: OutputBuffer,
  maxBytes: number,
): void {
  const declared = declaredBytes(source, at, end);
  if (declared > maxBytes - out.length) throw tooLarge('snappy', maxBytes);
  out.reserve(declared);
  const limit = out.length + declared;
  const written = expandElements(source, preambleEnd, end, out.bytes as Buffer, out.length, limit);
  if (written !== limit) throw corrupt('bad snappy data: a malformed element');
  out.length = limit;
}

/**
 * Element tags: xxxxxx00 literal, xxx...01 copy with 11-bit offset, xxxxxx10 copy with 16-bit
 * offset, xxxxxx11 copy with 32-bit offset. Returns where the output ends, -1 when malformed.
 */
function expandElements(
  source: Buffer,
  at: number,
  end: number,
  target: Buffer,
  targetStart: number,
  targetEnd: number,
): number {
  const words = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let from = at;
  let to = targetStart;
  while (from < end) {
    const tag = source[from++]!;
    const kind = tag & 3;
    let length = (tag >>> 2) + 1;
    if (kind === 0) {
      if (length > 60) {
        const lengthBytes = length - 60;
        if (end - from < lengthBytes) return -1;
        length = source.readUIntLE(from, lengthBytes) + 1;
        from += lengthBytes;
      }
      if (length > end - from || length > targetEnd - to) return -1;
      if (length <= SHORT_COPY_MAX) {
        for (let left = length; left > 0; left--) target[to++] = source[from++]!;
      } else {
        source.copy(target, to, from, from + length);
        from += length;
        to += length;
      }
      continue;
    }
    let distance: number;
    if (kind === 1) {
      if (end - from < 1) return -1;
      length = 4 + ((tag >>> 2) & 7);
      distance = ((tag >>> 5) << 8) | source[from++]!;
    } else if (kind === 2) {
      if (end - from < 2) return -1;
      distance = source[from]! | (source[from + 1]! << 8);
      from += 2;
    } else {
      if (end - from < 4) return -1;
      distance = source.readUInt32LE(from);
      from += 4;
    }
    if (distance === 0 || distance > to - targetStart || length > targetEnd - to) return -1;
    let back = to - distance;
    if (distance >= 4) {
      for (; length >= 4; length -= 4, to += 4, back += 4) {
        words.setInt32(to, words.getInt32(back, true), true);
      }
    }
    for (; length > 0; length--) target[to++] = target[back++]!;
  }
  return to;
}
