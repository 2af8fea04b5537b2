/**
 * LEB128 integers as Kafka writes them: unsigned in the protocol, zigzag in records. A decoder
 * returns the value and leaves the position after it in `varintEnd`, so that the hot loops
 * allocate nothing; a varint that is cut off or too long sets `varintEnd` to -1.
 */
export let varintEnd = -1;

const BITS_28 = 0x10000000;

/** An unsigned varint of at most five bytes (32 bits). */
export function readUnsignedVarint(bytes: Uint8Array, at: number, end: number): number {
  if (at < end) {
    const first = bytes[at]!;
    if (first < 0x80) {
      varintEnd = at + 1;
      return first;
    }
    const second = at + 1 < end ? bytes[at + 1]! : 0x80;
    if (second < 0x80) {
      varintEnd = at + 2;
      return (first & 0x7f) | (second << 7);
    }
  }
  return readLongVarint(bytes, at, end);
}

function readLongVarint(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  let scale = 1;
  let position = at;
  while (position < end && position - at < 5) {
    const byte = bytes[position++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      varintEnd = scale === BITS_28 && byte > 0x0f ? -1 : position;
      return value;
    }
    scale *= 128;
  }
  varintEnd = -1;
  return 0;
}

/** A zigzag varint of 32 bits. */
export function readVarint(bytes: Uint8Array, at: number, end: number): number {
  const raw = readUnsignedVarint(bytes, at, end);
  if (raw < BITS_28) return (raw >>> 1) ^ -(raw & 1);
  return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
}

/** A zigzag varint of 64 bits whose value a double holds exactly; others set `varintEnd` to -1. */
export function readVarlong(bytes: Uint8Array, at: number, end: number): number {
  let low = 0;
  let position = at;
  for (let shift = 0; shift < 28 && position < end; shift += 7) {
    const byte = bytes[position++]!;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      varintEnd = position;
      return (low >>> 1) ^ -(low & 1);
    }
  }
  let high = 0;
  let scale = 1;
  while (position < end && position - at < 10) {
    const byte = bytes[position++]!;
    high += (byte & 0x7f) * scale;
    if (byte < 0x80) return zigzag64(low, high, position);
    scale *= 128;
  }
  varintEnd = -1;
  return 0;
}

/** `low` holds the 28 lowest bits, `high` the rest. */
function zigzag64(low: number, high: number, end: number): number {
  const negative = low % 2 === 1;
  const magnitude = Math.floor(low / 2) + high * (BITS_28 / 2);
  varintEnd = magnitude <= Number.MAX_SAFE_INTEGER ? end : -1;
  return negative ? -magnitude - 1 : magnitude;
}

export function writeUnsignedVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let position = at;
  while (rest >= BITS_28) {
    bytes[position++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  for (; rest >= 0x80; rest >>>= 7) bytes[position++] = (rest & 0x7f) | 0x80;
  bytes[position++] = rest;
  return position;
}

/** Zigzag of 32 or 64 bits: the encodings agree for every value that fits. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < 2 ** 52) return writeUnsignedVarint(bytes, at, value * 2);
  if (value < 0 && value > -(2 ** 52)) return writeUnsignedVarint(bytes, at, -value * 2 - 1);
  return writeWideVarint(bytes, at, BigInt(value));
}

function writeWideVarint(bytes: Uint8Array, at: number, value: bigint): number {
  let rest = value >= 0n ? value * 2n : -value * 2n - 1n;
  let position = at;
  while (rest >= 0x80n) {
    bytes[position++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[position++] = Number(rest);
  return position;
}

export function sizeOfUnsignedVarint(value: number): number {
  let size = 1;
  let rest = value;
  for (; rest >= BITS_28; rest = Math.floor(rest / 128)) size++;
  for (; rest >= 0x80; rest >>>= 7) size++;
  return size;
}

export function sizeOfVarint(value: number): number {
  if (value >= 0 && value < 2 ** 52) return sizeOfUnsignedVarint(value * 2);
  if (value < 0 && value > -(2 ** 52)) return sizeOfUnsignedVarint(-value * 2 - 1);
  const scratch = new Uint8Array(10);
  return writeWideVarint(scratch, 0, BigInt(value));
}
