const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
const U = 0x75;
const END = -1;
const HEX_DIGITS = 4;
const LITERALS = ['true', 'false', 'null'].map((text) => Buffer.from(text));
/** `"\/bfnrt` */
const ESCAPABLE: ReadonlySet<number> = new Set(Buffer.from('"\\/bfnrt'));
const INITIAL_DEPTH = 64;
const NOTHING = Buffer.alloc(0);

/** Thrown for text that JSON.parse would refuse. */
export class NotJson extends Error {}

/**
 * Steps over JSON text without building values. It serves documents so long that JSON.parse would
 * hold up the front: a megabyte made for that takes 100 ms there and 5 ms here. It accepts what
 * JSON.parse accepts and throws NotJson for everything else.
 */
export class JsonScan {
  bytes: Buffer = NOTHING;
  at = 0;
  /** Whether it met line breaks or tabs. No other bytes below a space can be in JSON. */
  hasBreaks = false;
  #end = 0;
  /** The closing bytes of the lists and objects around the current byte, the outermost first. */
  #closers = new Uint8Array(INITIAL_DEPTH);

  /**
   * Runs `step`, which must step over the one value from `start` to `end`. The bytes are released
   * in any case.
   */
  run(bytes: Buffer, start: number, end: number, step: () => void): void {
    this.bytes = bytes;
    this.at = start;
    this.#end = end;
    this.hasBreaks = false;
    try {
      step();
      if (this.peek() !== END) throw new NotJson();
    } finally {
      this.bytes = NOTHING;
    }
  }

  /** The first byte of the next value. */
  peek(): number {
    const { bytes } = this;
    const end = this.#end;
    for (let at = this.at; at < end; at++) {
      const byte = bytes[at]!;
      if (byte > SPACE || !isBlank(byte)) {
        this.at = at;
        return byte;
      }
      if (byte !== SPACE) this.hasBreaks = true;
    }
    this.at = end;
    return END;
  }

  get isObject(): boolean {
    return this.peek() === OPEN_OBJECT;
  }

  get isText(): boolean {
    return this.peek() === QUOTE;
  }

  get isList(): boolean {
    return this.peek() === OPEN_LIST;
  }

  /** Steps over one value of any depth. */
  skip(): void {
    const { bytes } = this;
    const end = this.#end;
    let depth = 0;
    do {
      const first = this.peek();
      if (first === OPEN_OBJECT || first === OPEN_LIST) {
        const closer = first + 2;
        this.at++;
        if (this.peek() !== closer) {
          this.#push(depth++, closer);
          if (closer === CLOSE_OBJECT) this.#skipKey();
          continue;
        }
        this.at++;
      } else {
        this.#skipPlain(first);
      }
      // A blank is rare here.
      while (depth > 0 && this.at < end) {
        const byte = bytes[this.at]!;
        if (byte !== this.#closers[depth - 1]) break;
        this.at++;
        depth--;
      }
      while (depth > 0 && !this.goesOn(this.#closers[depth - 1]!)) depth--;
      if (depth > 0 && this.#closers[depth - 1] === CLOSE_OBJECT) this.#skipKey();
    } while (depth > 0);
  }

  #push(depth: number, closer: number): void {
    if (depth === this.#closers.length) {
      const larger = new Uint8Array(2 * depth);
      larger.set(this.#closers);
      this.#closers = larger;
    }
    this.#closers[depth] = closer;
  }

  /** Steps over the comma behind a value, or over the end of the list or object. */
  goesOn(closer: number): boolean {
    const next = this.peek();
    if (next !== COMMA && next !== closer) throw new NotJson();
    this.at++;
    return next === COMMA;
  }

  /** Goes through an object. `visit` steps over the value of each key; [start, end) is the key. */
  members(visit: (keyStart: number, keyEnd: number) => void): void {
    this.at++;
    if (this.peek() === CLOSE_OBJECT) {
      this.at++;
      return;
    }
    do {
      this.peek();
      const keyStart = this.at + 1;
      const keyEnd = this.#skipKey();
      visit(keyStart, keyEnd);
    } while (this.goesOn(CLOSE_OBJECT));
  }

  /** Goes through a list. `visit` steps over each value. */
  elements(visit: (index: number) => void): void {
    this.at++;
    if (this.peek() === CLOSE_LIST) {
      this.at++;
      return;
    }
    let index = 0;
    do {
      visit(index++);
    } while (this.goesOn(CLOSE_LIST));
  }

  /** The text between the quotes of a key or text. */
  text(start: number, end: number): string {
    const text = this.bytes.toString('utf8', start, end);
    return text.includes('\\') ? JSON.parse(`"${text}"`) : text;
  }

  /** Steps up to the value. Answers where the key ended. */
  #skipKey(): number {
    if (this.peek() !== QUOTE) throw new NotJson();
    this.#skipText();
    const end = this.at - 1;
    if (this.peek() !== COLON) throw new NotJson();
    this.at++;
    return end;
  }

  #skipPlain(first: number): void {
    if (first === QUOTE) this.#skipText();
    else if (first === MINUS || isDigit(first)) this.#skipNumber();
    else this.#skipLiteral(first);
  }

  #skipText(): void {
    const { bytes } = this;
    const end = this.#end;
    let at = this.at + 1;
    while (at < end) {
      const byte = bytes[at++]!;
      if (byte === QUOTE) {
        this.at = at;
        return;
      }
      if (byte < SPACE) break;
      if (byte !== BACKSLASH) continue;
      const escaped = at < end ? bytes[at++]! : END;
      if (escaped === U) {
        const stop = at + HEX_DIGITS;
        while (at < stop && at < end && isHexDigit(bytes[at]!)) at++;
        if (at < stop) break;
      } else if (!ESCAPABLE.has(escaped)) {
        break;
      }
    }
    throw new NotJson();
  }

  #skipNumber(): void {
    if (this.#byte() === MINUS) this.at++;
    if (this.#byte() === ZERO) this.at++;
    else this.#skipDigits();
    if (this.#byte() === POINT) {
      this.at++;
      this.#skipDigits();
    }
    const exponent = this.#byte();
    if (exponent !== 0x65 && exponent !== 0x45) return;
    this.at++;
    const sign = this.#byte();
    if (sign === PLUS || sign === MINUS) this.at++;
    this.#skipDigits();
  }

  /** Steps over digits. There must be one at least. */
  #skipDigits(): void {
    if (!isDigit(this.#byte())) throw new NotJson();
    do this.at++;
    while (isDigit(this.#byte()));
  }

  #skipLiteral(first: number): void {
    const { at, bytes } = this;
    for (const literal of LITERALS) {
      if (literal[0] !== first) continue;
      const end = at + literal.length;
      if (end > this.#end || literal.compare(bytes, at, end) !== 0) break;
      this.at = end;
      return;
    }
    throw new NotJson();
  }

  #byte(): number {
    return this.at < this.#end ? this.bytes[this.at]! : END;
  }
}

export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isHexDigit(byte: number): boolean {
  const lower = byte | SPACE;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
