const LONG_FORM = 0x80;
/** No file of keys is longer than a number of so many bytes says. */
const LENGTH_BYTES_MAX = 4;

/** One value of DER, as it is read. Everything throws where the bytes are of another form. */
export class DerValue {
  readonly tag: number;
  readonly content: Buffer;

  private constructor(tag: number, content: Buffer) {
    this.tag = tag;
    this.content = content;
  }

  /** The values that lie behind one another in `bytes`. */
  static all(bytes: Buffer): DerValue[] {
    const values: DerValue[] = [];
    for (let at = 0; at < bytes.length; ) {
      const [start, end] = boundsOf(bytes, at);
      values.push(new DerValue(bytes[at]!, bytes.subarray(start, end)));
      at = end;
    }
    return values;
  }

  static one(bytes: Buffer): DerValue {
    const [value] = DerValue.all(bytes);
    if (value === undefined) throw new Error('a value is missing');
    return value;
  }

  get parts(): DerValue[] {
    return DerValue.all(this.content);
  }

  /** The value inside an explicit tag. */
  get inner(): DerValue {
    return DerValue.one(this.content);
  }

  /** A number that is not negative and not large. */
  get number(): number {
    if (this.content.length > LENGTH_BYTES_MAX) throw new Error('a number is too large');
    return this.content.reduce((number, byte) => number * 256 + byte, 0);
  }

  /** Of an object id, with dots. */
  get name(): string {
    const numbers: number[] = [];
    let number = 0;
    for (const byte of this.content) {
      number = number * 128 + (byte & 0x7f);
      if ((byte & 0x80) !== 0) continue;
      numbers.push(number);
      number = 0;
    }
    const [first = 0, ...rest] = numbers;
    const root = Math.min(2, Math.floor(first / 40));
    return [root, first - 40 * root, ...rest].join('.');
  }
}

/** Where the content of the value begins and ends. */
function boundsOf(bytes: Buffer, at: number): [start: number, end: number] {
  const first = bytes[at + 1] ?? LONG_FORM;
  let start = at + 2;
  let length = first;
  if (first >= LONG_FORM) {
    const count = first - LONG_FORM;
    if (count === 0 || count > LENGTH_BYTES_MAX) throw new Error('it is not DER');
    if (start + count > bytes.length) throw new Error('it is cut off');
    length = bytes.readUIntBE(start, count);
    start += count;
  }
  if (start + length > bytes.length) throw new Error('it is cut off');
  return [start, start + length];
}
