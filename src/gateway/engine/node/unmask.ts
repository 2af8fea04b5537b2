const WORD_BYTES = 4;
/** Below this length a view on words costs more than it saves. */
const WORDS_FROM_BYTES = 64;

/**
 * Takes the mask from `bytes` between `from` and `to`. `mask` holds its four bytes in the order of
 * this machine, which is little-endian. `phase` is the position of the first byte in its frame.
 */
export function unmask(
  bytes: Uint8Array,
  from: number,
  to: number,
  mask: number,
  phase: number,
): void {
  let at = from;
  let shift = (phase & 3) * 8;
  const bytesEnd = to - from < WORDS_FROM_BYTES ? to : from + misalignment(bytes, from);
  for (; at < bytesEnd; at++) {
    bytes[at]! ^= mask >>> shift;
    shift = (shift + 8) & 31;
  }
  if (at === to) return;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (to - at) >>> 2);
  const word = shift === 0 ? mask : (mask >>> shift) | (mask << (32 - shift));
  for (let i = 0; i < words.length; i++) words[i]! ^= word;
  for (at += words.length * WORD_BYTES; at < to; at++) {
    bytes[at]! ^= mask >>> shift;
    shift = (shift + 8) & 31;
  }
}

function misalignment(bytes: Uint8Array, from: number): number {
  return -(bytes.byteOffset + from) & (WORD_BYTES - 1);
}
