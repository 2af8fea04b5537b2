import { corrupt, Output } from './output.ts';

/**
 * The LZ4 frame format, save dictionaries. Checksums are stepped over: the broker has checked the
 * CRC of the batch, which covers the same bytes.
 *
 *   | magic u32 | FLG | BD | content size u64? | HC |
 *   | block size u32 | block | checksum u32? | ... | end mark u32 = 0 | content checksum u32? |
 */
const MAGIC = 0x184d2204;
const BLOCK_CHECKSUM_FLAG = 0x10;
const CONTENT_SIZE_FLAG = 0x08;
const CONTENT_CHECKSUM_FLAG = 0x04;
const DICTIONARY_FLAG = 0x01;
const VERSION = 1;
const STORED_FLAG = 0x80000000;
const HEADER_BYTES = 7;
const NIBBLE_MAX = 15;
const MATCH_BYTES_MIN = 4;

export function decompressLz4(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const out = new Output(bytes.length * 4, bytesMax);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  do {
    at = readFrame(bytes, view, at, out);
  } while (at < bytes.length);
  return out.written();
}

function readFrame(bytes: Uint8Array, view: DataView, start: number, out: Output): number {
  if (bytes.length - start < HEADER_BYTES || view.getUint32(start, true) !== MAGIC) throw bad();
  const flags = bytes[start + 4]!;
  if (flags >>> 6 !== VERSION || (flags & DICTIONARY_FLAG) !== 0) throw bad();
  const frameStart = out.length;
  let at = start + HEADER_BYTES + ((flags & CONTENT_SIZE_FLAG) !== 0 ? 8 : 0);
  for (;;) {
    if (at + 4 > bytes.length) throw bad();
    const field = view.getUint32(at, true);
    at += 4;
    if (field === 0) break;
    const end = at + (field & ~STORED_FLAG);
    if (end > bytes.length) throw bad();
    if (field >= STORED_FLAG) out.append(bytes.subarray(at, end));
    else expandBlock(bytes, at, end, out, frameStart);
    at = end + ((flags & BLOCK_CHECKSUM_FLAG) !== 0 ? 4 : 0);
  }
  return at + ((flags & CONTENT_CHECKSUM_FLAG) !== 0 ? 4 : 0);
}

/** Sequences: token (literal length, match length - 4), literals, distance u16. */
function expandBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Output,
  historyStart: number,
): void {
  let at = start;
  const more = (nibble: number): number => {
    let length = nibble;
    if (nibble < NIBBLE_MAX) return length;
    for (let byte = 255; byte === 255; length += byte) {
      if (at >= end) throw bad();
      byte = bytes[at++]!;
    }
    return length;
  };
  while (at < end) {
    const token = bytes[at++]!;
    const literals = more(token >>> 4);
    if (literals > end - at) throw bad();
    out.append(bytes.subarray(at, at + literals));
    at += literals;
    if (at === end) return;
    if (end - at < 2) throw bad();
    const distance = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    const length = more(token & NIBBLE_MAX) + MATCH_BYTES_MIN;
    if (distance === 0 || distance > out.length - historyStart) throw bad();
    out.repeat(distance, length);
  }
  throw bad();
}

function bad(): RangeError {
  return corrupt('bad lz4 data');
}
