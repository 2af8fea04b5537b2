import { corrupt, Output, readLow } from './output.ts';

/**
 * Snappy as Kafka's clients write it: one bare block, or blocks behind a header, each after its
 * length (i32).
 */
const FRAME_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const FRAME_HEADER_BYTES = 16;

export function decompressSnappy(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const out = new Output(bytes.length * 4, bytesMax);
  const isFramed = FRAME_MAGIC.every((byte, at) => bytes[at] === byte);
  if (!isFramed) {
    expandBlock(bytes, 0, bytes.length, out);
    return out.written();
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = FRAME_HEADER_BYTES; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? view.getInt32(at) : -1;
    if (length < 0 || length > bytes.length - at - 4) throw bad();
    expandBlock(bytes, at + 4, at + 4 + length, out);
    at += 4 + length;
  }
  return out.written();
}

/** Tags: xxxxxx00 literal, xxx...01 copy with 11-bit offset, xxxxxx10 16-bit, xxxxxx11 32-bit. */
function expandBlock(bytes: Uint8Array, start: number, end: number, out: Output): void {
  let at = start;
  let declared = 0;
  for (let scale = 1; ; scale *= 128) {
    if (at >= end || scale > 2 ** 28) throw bad();
    const byte = bytes[at++]!;
    declared += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  const blockStart = out.length;
  const blockEnd = blockStart + declared;
  while (at < end) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    let length = (tag >>> 2) + 1;
    if (kind === 0) {
      if (length > 60) {
        const width = length - 60;
        if (width > end - at) throw bad();
        length = readLow(bytes, at, width) + 1;
        at += width;
      }
      if (length > end - at || out.length + length > blockEnd) throw bad();
      out.append(bytes.subarray(at, at + length));
      at += length;
      continue;
    }
    const width = kind === 3 ? 4 : kind;
    if (width > end - at) throw bad();
    let distance = readLow(bytes, at, width);
    at += width;
    if (kind === 1) {
      length = 4 + ((tag >>> 2) & 7);
      distance += (tag >>> 5) << 8;
    }
    const isBefore = distance === 0 || distance > out.length - blockStart;
    if (isBefore || out.length + length > blockEnd) throw bad();
    out.repeat(distance, length);
  }
  if (out.length !== blockEnd) throw bad();
}

function bad(): RangeError {
  return corrupt('bad snappy data');
}
