import { type Allocate, MalformedData, Output, readLow, zeroedBytes } from './output.ts';

/**
 * Snappy as Kafka's clients write it. The Java client frames it (after the xerial library): a
 * header, then blocks, each with its length. librdkafka and others write one bare block. Both are
 * read, in browsers too.
 *
 *   +------------------+-----------+-----------+   +------------+-------------+
 *   | 82 S N A P P Y 0 | version 1 | compat. 1 |   | length i32 | snappy block| ...
 *   +------------------+-----------+-----------+   +------------+-------------+
 */
export const SNAPPY_FRAME_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
export const SNAPPY_FRAME_HEADER_BYTES = 16;

/** No element of three bytes yields more than 64. */
const EXPANSION_MAX = 22;
const SHORT_COPY_MAX = 48;

export function decodeSnappy(
  source: Uint8Array,
  bytesMax: number,
  allocate: Allocate = zeroedBytes,
): Uint8Array {
  if (!isFramed(source)) {
    const declared = declaredBytes(source, 0, source.length);
    const out = new Output('snappy', declared, bytesMax, allocate);
    decodeBlock(source, 0, source.length, out);
    return out.written();
  }
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const out = new Output('snappy', source.length * 4, bytesMax, allocate);
  let position = SNAPPY_FRAME_HEADER_BYTES;
  while (position < source.length) {
    if (source.length - position < 4) throw malformed('a block length is cut off');
    const length = view.getInt32(position);
    position += 4;
    if (length < 0 || length > source.length - position) {
      throw malformed(`a block of ${length} bytes does not fit`);
    }
    decodeBlock(source, position, position + length, out);
    position += length;
  }
  return out.written();
}

function isFramed(source: Uint8Array): boolean {
  if (source.length < SNAPPY_FRAME_HEADER_BYTES) return false;
  for (let at = 0; at < SNAPPY_FRAME_MAGIC.length; at++) {
    if (source[at] !== SNAPPY_FRAME_MAGIC[at]) return false;
  }
  return true;
}

let preambleEnd = 0;

/** The length that a block declares, refused where its bytes cannot yield that much. */
function declaredBytes(source: Uint8Array, at: number, end: number): number {
  let value = 0;
  let scale = 1;
  for (let position = at; position < end && position - at < 5; position++) {
    const byte = source[position]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      preambleEnd = position + 1;
      if (value > (end - at) * EXPANSION_MAX) {
        throw malformed(`${end - at} bytes cannot hold the declared ${value}`);
      }
      return value;
    }
    scale *= 128;
  }
  throw malformed('the length is cut off');
}

function decodeBlock(source: Uint8Array, at: number, end: number, out: Output): void {
  const declared = declaredBytes(source, at, end);
  if (declared > out.room) throw out.tooLarge();
  out.reserve(declared);
  const limit = out.length + declared;
  const written = expandElements(source, preambleEnd, end, out.bytes, out.length, limit);
  if (written !== limit) throw malformed('a malformed element');
  out.length = limit;
}

/**
 * Element tags: xxxxxx00 literal, xxx...01 copy with 11-bit offset, xxxxxx10 copy with 16-bit
 * offset, xxxxxx11 copy with 32-bit offset. Returns where the output ends, -1 when malformed.
 */
function expandElements(
  source: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
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
        length = readLow(source, from, lengthBytes) + 1;
        from += lengthBytes;
      }
      if (length > end - from || length > targetEnd - to) return -1;
      if (length <= SHORT_COPY_MAX) {
        for (let left = length; left > 0; left--) target[to++] = source[from++]!;
      } else {
        target.set(source.subarray(from, from + length), to);
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
      distance = readLow(source, from, 4);
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

function malformed(what: string): MalformedData {
  return new MalformedData(`bad snappy data: ${what}`);
}
