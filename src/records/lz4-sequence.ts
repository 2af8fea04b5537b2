/**
 * LZ4 blocks: sequences of literals and matches.
 *
 *   token: literal length (4 bits) | match length - 4 (4 bits); 15 goes on in bytes of up to 255
 *   +-------+--------------+----------+--------------+--------------+
 *   | token | more length  | literals | distance u16 | more length  |
 *   +-------+--------------+----------+--------------+--------------+
 *
 * The last sequence ends after its literals; the last five bytes are always literals, and no
 * match starts within the last twelve.
 */

/** No match is shorter. */
export const MATCH_BYTES_MIN = 4;
export const LAST_LITERALS = 5;
export const MATCH_FREE_TAIL = 12;
export const DISTANCE_MAX = 0xffff;
const NIBBLE_MAX = 15;
const SHORT_COPY_MAX = 48;

export function emitSequence(
  source: Buffer,
  literalStart: number,
  literalEnd: number,
  target: Buffer,
  at: number,
  distance: number,
  length: number,
): number {
  const literals = literalEnd - literalStart;
  const extra = length - MATCH_BYTES_MIN;
  target[at] = (Math.min(literals, NIBBLE_MAX) << 4) | Math.min(extra, NIBBLE_MAX);
  let to = at + 1;
  if (literals >= NIBBLE_MAX) to = emitLength(target, to, literals - NIBBLE_MAX);
  to = copyLiterals(source, literalStart, literalEnd, target, to);
  target[to] = distance & 0xff;
  target[to + 1] = distance >>> 8;
  to += 2;
  return extra >= NIBBLE_MAX ? emitLength(target, to, extra - NIBBLE_MAX) : to;
}

export function emitLastLiterals(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  const literals = end - start;
  target[at] = Math.min(literals, NIBBLE_MAX) << 4;
  const to = literals >= NIBBLE_MAX ? emitLength(target, at + 1, literals - NIBBLE_MAX) : at + 1;
  return copyLiterals(source, start, end, target, to);
}

function emitLength(target: Buffer, at: number, length: number): number {
  let to = at;
  let left = length;
  for (; left >= 255; left -= 255) target[to++] = 255;
  target[to++] = left;
  return to;
}

function copyLiterals(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number {
  if (end - start > SHORT_COPY_MAX) {
    source.copy(target, at, start, end);
  } else {
    for (let from = start, to = at; from < end; from++) target[to++] = source[from]!;
  }
  return at + end - start;
}
