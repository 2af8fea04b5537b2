import { MillraceError } from '../base/errors.ts';
import { readUnsignedVarint, varintEnd } from '../base/varint.ts';
import { INT64_MAX, INT64_MIN } from './schema-dsl.ts';
import { readUuid } from './uuid-bytes.ts';

/** Kafka's own bound on a string of the protocol. */
const MAX_STRING_BYTES = 0x7fff;

/** No version of any message has a tenth of this; more is an attack, not a newer client. */
export const MAX_TAGS = 128;

const INTERNED_MAX_BYTES = 64;
const INTERNED_SLOTS = 4096;

/**
 * Topic names, group and member ids come again and again: a direct-mapped cache of short ASCII
 * strings spares the allocation, and equal pointers make every later map lookup cheap.
 */
const interned: string[] = new Array(INTERNED_SLOTS).fill('');

function readString(bytes: Buffer, at: number, length: number): string {
  if (length > INTERNED_MAX_BYTES) return bytes.toString('utf8', at, at + length);
  let hash = length;
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x80) return bytes.toString('utf8', at, at + length);
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const slot = (hash ^ (hash >>> 15)) & (INTERNED_SLOTS - 1);
  const known = interned[slot]!;
  if (known.length === length && equals(known, bytes, at)) return known;
  const fresh = bytes.toString('latin1', at, at + length);
  interned[slot] = fresh;
  return fresh;
}

function equals(text: string, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[at + i]) return false;
  }
  return true;
}

/** NaN for what a double does not hold: the caller reports it. */
function readInt64(bytes: Buffer, at: number): number {
  const high = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  const low =
    ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) >>>
    0;
  if (high >= -0x200000 && high < 0x200000) {
    const value = high * 0x100000000 + low;
    // -2^53 has a high word in range but is no safe integer.
    return value < INT64_MIN ? Number.NaN : value;
  }
  if (high === 0x7fffffff && low === 0xffffffff) return INT64_MAX;
  return high === -0x80000000 && low === 0 ? INT64_MIN : Number.NaN;
}

/** 0 for what a double does not hold. */
function readHash(bytes: Buffer, at: number): number {
  const value = readInt64(bytes, at);
  return Number.isNaN(value) ? 0 : value;
}

/** 'a[].b[].c' with the indexes in place of the empty brackets. */
export function pathText(path: string, indexes: readonly number[]): string {
  let used = 0;
  return path.replaceAll('[]', () => (used < indexes.length ? `[${indexes[used++]}]` : '[]'));
}

function malformed(path: string, indexes: readonly number[], what: string): MillraceError {
  return new MillraceError('MILLRACE_PROTOCOL', `${pathText(path, indexes)}: ${what}`);
}

/** What generated decoders call. `at` is the position after the varint that was read last. */
export const decodeRuntime = {
  at: 0,
  EMPTY_BYTES: Buffer.alloc(0),
  string: readString,
  uuid: readUuid,
  int64: readInt64,
  hash: readHash,

  /** -1 for one that is cut off or too long. */
  uvarint(bytes: Buffer, at: number, end: number): number {
    const value = readUnsignedVarint(bytes, at, end);
    decodeRuntime.at = varintEnd;
    return varintEnd < 0 ? -1 : value;
  },

  varint(path: string, ...indexes: number[]): never {
    throw malformed(path, indexes, 'a varint is cut off or too long');
  },

  wide(bytes: Buffer, at: number, path: string, ...indexes: number[]): never {
    const value = bytes.readBigInt64BE(at);
    throw malformed(path, indexes, `${value} is beyond the integers that are held exactly`);
  },

  short(path: string, ...indexes: number[]): never {
    throw malformed(path, indexes, 'the message ends inside it');
  },

  isNull(path: string, ...indexes: number[]): never {
    throw malformed(path, indexes, 'may not be null');
  },

  length(length: number, left: number, path: string, ...indexes: number[]): never {
    const limit = length > left ? `${left} bytes are left` : `the limit is ${MAX_STRING_BYTES}`;
    throw malformed(path, indexes, `has a length of ${length} where ${limit}`);
  },

  count(count: number, left: number, path: string, ...indexes: number[]): never {
    const what = `${count} elements do not fit into the ${left} bytes that are left`;
    throw malformed(path, indexes, what);
  },

  tooMany(limit: number, path: string, ...indexes: number[]): never {
    throw malformed(path, indexes, `the message has more than ${limit} elements`);
  },

  tags(count: number, path: string, ...indexes: number[]): never {
    throw malformed(path, indexes, `${count} tagged fields are too many`);
  },

  tagSize(tag: number, path: string, ...indexes: number[]): never {
    throw malformed(path, indexes, `the size of tag ${tag} is not that of its value`);
  },
};
