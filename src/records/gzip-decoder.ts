import { crc32 } from './crc32.ts';
import {
  BLOCK_DYNAMIC,
  BLOCK_FIXED,
  BLOCK_STORED,
  DEFLATE_METHOD,
  DISTANCE_BASES,
  DISTANCE_BITS,
  END_OF_BLOCK,
  fixedLengths,
  GZIP_MAGIC,
  GZIP_TRAILER_BYTES,
  LENGTH_BASES,
  LENGTH_BITS,
} from './gzip-tables.ts';
import { InflateCodes } from './inflate-codes.ts';
import { type Allocate, MalformedData, Output, readLow, zeroedBytes } from './output.ts';

/**
 * gzip for where there is no node:zlib: browsers, whose DecompressionStream answers later than a
 * loop over records can wait.
 *
 *   member: 1f 8b | method 8 | flags | time u32 | 2 bytes | extra? name? comment? check? |
 *           blocks of DEFLATE | CRC-32 u32 | length u32
 */
const HEADER_BYTES = 10;
const FLAG = { CHECK: 2, EXTRA: 4, NAME: 8, COMMENT: 16 } as const;
/** In which order the lengths of the codes for lengths are sent. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const CODES_MAX = 320;

export function decodeGzip(
  source: Uint8Array,
  bytesMax: number,
  allocate: Allocate = zeroedBytes,
): Uint8Array {
  const out = new Output('gzip', source.length * 4, bytesMax, allocate);
  const inflation = new Inflation(source, out);
  let at = 0;
  do {
    const start = out.length;
    at = inflation.run(headerEnd(source, at), start);
    if (source.length - at < GZIP_TRAILER_BYTES) throw malformed('its end is cut off');
    if (readLow(source, at, 4) !== crc32(out.bytes, start, out.length)) {
      throw malformed('the checksum is wrong');
    }
    if (readLow(source, at + 4, 4) !== out.length - start) throw malformed('the length is wrong');
    at += GZIP_TRAILER_BYTES;
    // What follows the last member is not looked at, as by zlib.
  } while (isMember(source, at));
  return out.written();
}

function isMember(source: Uint8Array, at: number): boolean {
  return source[at] === GZIP_MAGIC[0] && source[at + 1] === GZIP_MAGIC[1];
}

/** Where the compressed data of a member begins. */
function headerEnd(source: Uint8Array, start: number): number {
  if (!isMember(source, start)) throw malformed('incorrect header check');
  if (source[start + 2] !== DEFLATE_METHOD) throw malformed('unknown compression method');
  const flags = source[start + 3] ?? 0;
  let at = start + HEADER_BYTES;
  if ((flags & FLAG.EXTRA) !== 0) at += 2 + (source[at] ?? 0) + ((source[at + 1] ?? 0) << 8);
  if ((flags & FLAG.NAME) !== 0) at = textEnd(source, at);
  if ((flags & FLAG.COMMENT) !== 0) at = textEnd(source, at);
  if ((flags & FLAG.CHECK) !== 0) at += 2;
  if (at > source.length) throw malformed('the header is cut off');
  return at;
}

function textEnd(source: Uint8Array, at: number): number {
  const zero = source.indexOf(0, at);
  return zero < 0 ? source.length + 1 : zero + 1;
}

/** One run through the blocks of a member. */
class Inflation {
  readonly #source: Uint8Array;
  readonly #out: Output;
  readonly #symbols = new InflateCodes();
  readonly #distances = new InflateCodes();
  readonly #lengths = new Uint8Array(CODES_MAX);
  #at = 0;
  /** Bits that were taken from the source and not used yet, the next one lowest. */
  #held = 0;
  #heldBits = 0;

  constructor(source: Uint8Array, out: Output) {
    this.#source = source;
    this.#out = out;
  }

  /** Opens the blocks at `at`; copies do not reach before `start`. Returns where they end. */
  run(at: number, start: number): number {
    this.#at = at;
    this.#held = 0;
    this.#heldBits = 0;
    for (let isLast = false; !isLast; ) {
      isLast = this.#take(1) === 1;
      const type = this.#take(2);
      if (type === BLOCK_STORED) this.#copyStored();
      else if (type === BLOCK_FIXED) this.#fixCodes();
      else if (type === BLOCK_DYNAMIC) this.#readCodes();
      else throw malformed('unknown kind of block');
      if (type !== BLOCK_STORED) this.#expand(start);
    }
    // Whole bytes that were taken ahead are given back.
    return this.#at - (this.#heldBits >>> 3);
  }

  /** Up to 16 bits. */
  #take(count: number): number {
    while (this.#heldBits < count) {
      if (this.#at >= this.#source.length) throw malformed('it is cut off');
      this.#held |= this.#source[this.#at++]! << this.#heldBits;
      this.#heldBits += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#heldBits -= count;
    return value;
  }

  #copyStored(): void {
    this.#at -= this.#heldBits >>> 3;
    this.#held = 0;
    this.#heldBits = 0;
    const length = this.#take(16);
    if ((this.#take(16) ^ 0xffff) !== length) throw malformed('the length of a block is wrong');
    const end = this.#at + length;
    if (end > this.#source.length) throw malformed('a block is cut off');
    this.#out.append(this.#source, this.#at, end);
    this.#at = end;
  }

  #fixCodes(): void {
    const lengths = fixedLengths();
    this.#symbols.assign(lengths, 0, lengths.length);
    this.#distances.assign(this.#lengths.fill(5), 0, 30);
  }

  #readCodes(): void {
    const symbols = 257 + this.#take(5);
    const distances = 1 + this.#take(5);
    const count = 4 + this.#take(4);
    const lengths = this.#lengths.fill(0);
    for (let i = 0; i < count; i++) lengths[LENGTH_ORDER[i]!] = this.#take(3);
    this.#symbols.assign(lengths, 0, LENGTH_ORDER.length);
    const end = symbols + distances;
    for (let at = 0; at < end; ) {
      const symbol = this.#symbol(this.#symbols);
      if (symbol < 16) {
        lengths[at++] = symbol;
        continue;
      }
      if (symbol === 16 && at === 0) throw malformed('there is no length to repeat');
      const value = symbol === 16 ? lengths[at - 1]! : 0;
      const times = symbol === 18 ? 11 + this.#take(7) : 3 + this.#take(symbol === 17 ? 3 : 2);
      if (at + times > end) throw malformed('more lengths than there are codes');
      lengths.fill(value, at, at + times);
      at += times;
    }
    this.#symbols.assign(lengths, 0, symbols);
    this.#distances.assign(lengths, symbols, end);
  }

  #symbol({ entries, width }: InflateCodes): number {
    const source = this.#source;
    while (this.#heldBits < width && this.#at < source.length) {
      this.#held |= source[this.#at++]! << this.#heldBits;
      this.#heldBits += 8;
    }
    const entry = entries[this.#held & ((1 << width) - 1)]!;
    const length = entry & 15;
    if (length === 0 || length > this.#heldBits) throw malformed('no code begins like this');
    this.#held >>>= length;
    this.#heldBits -= length;
    return entry >>> 4;
  }

  /** The literals and copies of one block. */
  #expand(start: number): void {
    const out = this.#out;
    const symbols = this.#symbols;
    let { bytes, length: to } = out;
    for (;;) {
      const symbol = this.#symbol(symbols);
      if (symbol < END_OF_BLOCK) {
        if (to === bytes.length) bytes = this.#grown(to, 1);
        bytes[to++] = symbol;
        continue;
      }
      if (symbol === END_OF_BLOCK) break;
      const kind = symbol - END_OF_BLOCK - 1;
      if (kind >= LENGTH_BASES.length) throw malformed('unknown length');
      const length = LENGTH_BASES[kind]! + this.#take(LENGTH_BITS[kind]!);
      const distance = this.#distance();
      if (distance > to - start) throw malformed('a copy begins before the data');
      if (to + length > bytes.length) bytes = this.#grown(to, length);
      let from = to - distance;
      for (let left = length; left > 0; left--) bytes[to++] = bytes[from++]!;
    }
    out.length = to;
  }

  #distance(): number {
    const kind = this.#symbol(this.#distances);
    if (kind >= DISTANCE_BASES.length) throw malformed('unknown distance');
    return DISTANCE_BASES[kind]! + this.#take(DISTANCE_BITS[kind]!);
  }

  #grown(length: number, more: number): Uint8Array {
    this.#out.length = length;
    this.#out.reserve(more);
    return this.#out.bytes;
  }
}

function malformed(what: string): MalformedData {
  return new MalformedData(`bad gzip data: ${what}`);
}
