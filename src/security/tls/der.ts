/** Parts of X.509 in DER: a tag, a length and the content. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
} as const;
const CONTEXT = 0x80;
const CONSTRUCTED_CONTEXT = 0xa0;

function encode(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length, ...bytes]), content]);
}

export const DER = {
  sequence: (...parts: readonly Buffer[]) => encode(TAG.sequence, Buffer.concat(parts)),
  set: (...parts: readonly Buffer[]) => encode(TAG.set, Buffer.concat(parts)),
  boolean: (value: boolean) => encode(TAG.boolean, Buffer.from([value ? 0xff : 0])),
  octets: (bytes: Uint8Array) => encode(TAG.octetString, bytes),
  text: (value: string) => encode(TAG.utf8String, Buffer.from(value)),
  /** Whole bytes, or with some of the last one's bits unused. */
  bits: (bytes: Uint8Array, unused = 0) => {
    return encode(TAG.bitString, Buffer.concat([Buffer.from([unused]), bytes]));
  },
  /** A number that is not negative, its most significant byte first, in as few bytes as can be. */
  integer: (bytes: Uint8Array) => {
    const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    const isNegative = (digits[0] ?? 0) >= 0x80;
    return encode(TAG.integer, isNegative ? Buffer.concat([Buffer.from([0]), digits]) : digits);
  },
  objectId: (dotted: string) => {
    const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number];
    const bytes = [first * 40 + second, ...(rest as number[]).flatMap(base128)];
    return encode(TAG.objectId, Buffer.from(bytes));
  },
  /** To the second, in UTC, of the years 1950 to 2049. */
  time: (at: Date) => {
    const digits = at.toISOString().replace(/[-:T]/g, '').slice(2, 14);
    return encode(TAG.utcTime, Buffer.from(`${digits}Z`));
  },
  /** A context-specific tag around another value. */
  explicit: (number: number, value: Buffer) => encode(CONSTRUCTED_CONTEXT | number, value),
  /** A context-specific tag in the place of another. */
  implicit: (number: number, content: Uint8Array) => encode(CONTEXT | number, content),
};

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}
