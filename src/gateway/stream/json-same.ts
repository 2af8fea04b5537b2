import { JsonName } from './json-name.ts';
import type { JsonScan } from './json-scan.ts';

/** With more names than this a name is looked up by its text. */
const NAMES_MAX = 8;

/**
 * Compares scanned values with a known one, with the same result as isDeepStrictEqual on parsed
 * values.
 */
export interface JsonSame {
  /** Steps over the next value of the scan. Answers whether it is the known one. */
  isNext(scan: JsonScan): boolean;
}

export function jsonSame(wanted: unknown): JsonSame {
  if (Array.isArray(wanted)) return new SameList(wanted.map(jsonSame));
  if (typeof wanted === 'object' && wanted !== null) return new SameObject(wanted);
  return typeof wanted === 'string' ? new SameText(wanted) : new SamePlain(wanted);
}

function skipOther(scan: JsonScan): boolean {
  scan.skip();
  return false;
}

/** The known value is a number, true, false or null. */
class SamePlain implements JsonSame {
  readonly #wanted: unknown;
  readonly #text: string;

  constructor(wanted: unknown) {
    this.#wanted = wanted;
    this.#text = Object.is(wanted, -0) ? '-0' : String(wanted);
  }

  isNext(scan: JsonScan): boolean {
    if (scan.isObject || scan.isList || scan.isText) return skipOther(scan);
    const start = scan.at;
    scan.skip();
    const { bytes, at } = scan;
    const text = this.#text;
    let same = 0;
    while (start + same < at && bytes[start + same] === text.charCodeAt(same)) same++;
    if (start + same === at && same === text.length) return true;
    // Only numbers can be written in several ways.
    if (typeof this.#wanted !== 'number') return false;
    return Object.is(JSON.parse(bytes.toString('latin1', start, at)), this.#wanted);
  }
}

class SameText implements JsonSame {
  readonly #name: JsonName;

  constructor(wanted: string) {
    this.#name = new JsonName(wanted);
  }

  isNext(scan: JsonScan): boolean {
    if (!scan.isText) return skipOther(scan);
    const start = scan.at + 1;
    scan.skip();
    return this.#name.isAt(scan, start, scan.at - 1);
  }
}

class SameList implements JsonSame {
  readonly #wanted: readonly JsonSame[];

  constructor(wanted: readonly JsonSame[]) {
    this.#wanted = wanted;
  }

  isNext(scan: JsonScan): boolean {
    if (!scan.isList) return skipOther(scan);
    const wanted = this.#wanted;
    let areSame = true;
    let count = 0;
    scan.elements((index) => {
      count++;
      if (areSame && index < wanted.length) areSame = wanted[index]!.isNext(scan);
      else areSame = skipOther(scan);
    });
    return areSame && count === wanted.length;
  }
}

/** The known value is an object. A key that comes twice counts the last time only. */
class SameObject implements JsonSame {
  readonly #indexes = new Map<string, number>();
  readonly #names: readonly JsonName[];
  readonly #wanted: readonly JsonSame[];

  constructor(wanted: object) {
    const keys = Object.keys(wanted);
    for (const [index, key] of keys.entries()) this.#indexes.set(key, index);
    this.#names = keys.map((key) => new JsonName(key));
    this.#wanted = Object.values(wanted).map(jsonSame);
  }

  isNext(scan: JsonScan): boolean {
    if (!scan.isObject) return skipOther(scan);
    const wanted = this.#wanted;
    const areSame = wanted.map(() => false);
    let isOther = false;
    scan.members((keyStart, keyEnd) => {
      const index = isOther ? -1 : this.#indexOf(scan, keyStart, keyEnd);
      if (index >= 0) areSame[index] = wanted[index]!.isNext(scan);
      else isOther = !skipOther(scan);
    });
    return !isOther && !areSame.includes(false);
  }

  /** -1 if the object has no such key. */
  #indexOf(scan: JsonScan, start: number, end: number): number {
    const names = this.#names;
    if (names.length > NAMES_MAX) return this.#indexes.get(scan.text(start, end)) ?? -1;
    for (let i = 0; i < names.length; i++) if (names[i]!.isAt(scan, start, end)) return i;
    return -1;
  }
}
