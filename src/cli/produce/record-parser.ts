import { MillraceError } from '../../base/errors.ts';
import { UsageError } from '../usage-error.ts';

export interface ParserOptions {
  /** What divides a line into key and value; null where lines have no keys. */
  readonly keySeparator: Buffer | null;
  /** Whether a line without the separator is a value without a key, and not an error. */
  readonly isKeyOptional: boolean;
  /** What ends the headers of a line; null where lines have none. */
  readonly headersDelimiter: Buffer | null;
  readonly headersSeparator: string;
  readonly headerKeySeparator: string;
  /** The text that stands for null; empty where an empty part is null. */
  readonly nullMarker: string | null;
  readonly fixedKey: Buffer | null;
  readonly fixedHeaders: Headers;
}

type Header = readonly [string, Uint8Array | null];
type Headers = readonly Header[];

/** Reads headers, key and value out of a line. What it read stands in its fields. */
export class RecordParser {
  key: Uint8Array | null = null;
  value: Uint8Array | null = null;
  /** Undefined where there are none. */
  headers: Headers | undefined;
  readonly #options: ParserOptions;
  readonly #fixedHeaders: Headers | undefined;
  readonly #nullMarker: Buffer | null;

  constructor(options: ParserOptions) {
    const { fixedHeaders, nullMarker } = options;
    this.#options = options;
    this.#fixedHeaders = fixedHeaders.length === 0 ? undefined : fixedHeaders;
    this.#nullMarker = nullMarker === null ? null : Buffer.from(nullMarker);
  }

  /** `number` is for the error where the line lacks something. */
  parse(line: Buffer, number: number): void {
    const { keySeparator, headersDelimiter, fixedKey, isKeyOptional } = this.#options;
    let rest = line;
    this.headers = this.#fixedHeaders;
    if (headersDelimiter !== null) {
      const at = rest.indexOf(headersDelimiter);
      if (at < 0) throw missing(number, `'${headersDelimiter}' behind the headers`);
      this.headers = [...(this.#fixedHeaders ?? []), ...this.#lineHeaders(rest.subarray(0, at))];
      rest = rest.subarray(at + headersDelimiter.length);
    }
    this.key = fixedKey;
    if (keySeparator !== null) {
      const at = rest.indexOf(keySeparator);
      if (at < 0 && !isKeyOptional)
        throw missing(number, `'${keySeparator}' between key and value`);
      if (at >= 0) {
        this.key = this.#part(rest.subarray(0, at)) ?? fixedKey;
        rest = rest.subarray(at + keySeparator.length);
      }
    }
    this.value = this.#part(rest);
  }

  #part(bytes: Buffer): Uint8Array | null {
    return this.#nullMarker?.equals(bytes) === true ? null : bytes;
  }

  #lineHeaders(bytes: Buffer): Header[] {
    const { headersSeparator, headerKeySeparator } = this.#options;
    if (bytes.length === 0) return [];
    return bytes
      .toString()
      .split(headersSeparator)
      .map((text) => {
        const at = text.indexOf(headerKeySeparator);
        if (at < 0) throw badLine(`the header '${text}' has no '${headerKeySeparator}'`);
        const value = Buffer.from(text.slice(at + headerKeySeparator.length));
        return [text.slice(0, at), this.#part(value)];
      });
  }
}

/** `-H name=value`, as often as it is given, in order and with duplicates. `-H name` is null. */
export function fixedHeaders(texts: readonly string[]): Header[] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at === 0 || text === '') throw new UsageError(`--header ${text}: expected name=value`);
    return at < 0 ? [text, null] : [text.slice(0, at), Buffer.from(text.slice(at + 1))];
  });
}

function missing(number: number, what: string): MillraceError {
  return badLine(`line ${number} has no ${what}`);
}

function badLine(message: string): MillraceError {
  return new MillraceError('MILLRACE_BAD_ARGUMENT', message);
}
