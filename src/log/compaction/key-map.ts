import { randomBytes } from 'node:crypto';
import { KEY_BYTES, KeyHash } from './key-hash.ts';

/**
 * The newest offset of each key, in memory that is bounded beforehand. Keys are kept as 16 bytes of
 * their hash, so that two keys are taken for one less often than a disk lies:
 *
 *   0                16        24
 *   +----------------+---------+
 *   | hash           | offset  |   ... open addressing; an offset of -1 is a free place
 *   +----------------+---------+
 */
const ENTRY_BYTES = 24;
const ENTRY_WORDS = ENTRY_BYTES / 4;
const FREE = -1;

export class KeyMap {
  readonly #hash = new KeyHash(randomBytes(KEY_BYTES));
  readonly #words: Uint32Array;
  readonly #offsets: Float64Array;
  readonly #places: number;
  readonly #countMax: number;
  #count = 0;
  /** The place of the key last looked for, or of the free place where it belongs. */
  #found = 0;

  constructor(places: number, loadFactor: number) {
    this.#places = places;
    this.#countMax = Math.floor(places * loadFactor);
    const memory = new ArrayBuffer(places * ENTRY_BYTES);
    this.#words = new Uint32Array(memory);
    this.#offsets = new Float64Array(memory);
    for (let place = 0; place < places; place++) this.#offsets[place * 3 + 2] = FREE;
  }

  /** As many keys as there can be, within the bytes that may be used. */
  static sized(keysMax: number, bytesMax: number, loadFactor: number): KeyMap {
    const wanted = Math.ceil((keysMax + 1) / loadFactor);
    return new KeyMap(
      Math.max(16, Math.min(wanted, Math.floor(bytesMax / ENTRY_BYTES))),
      loadFactor,
    );
  }

  get count(): number {
    return this.#count;
  }

  get memoryBytes(): number {
    return this.#words.byteLength;
  }

  /** False when the key is new and there is no room for it. */
  put(key: Uint8Array, offset: number): boolean {
    const isKnown = this.#find(key);
    if (!isKnown) {
      if (this.#count >= this.#countMax) return false;
      this.#count++;
    }
    this.#offsets[this.#found * 3 + 2] = offset;
    return true;
  }

  /** -1 for a key that is not there. */
  newestOffset(key: Uint8Array): number {
    return this.#find(key) ? this.#offsets[this.#found * 3 + 2]! : FREE;
  }

  #find(key: Uint8Array): boolean {
    this.#hash.update(key);
    const hash = this.#hash.words;
    const words = this.#words;
    let place = hash[0]! % this.#places;
    for (;;) {
      const word = place * ENTRY_WORDS;
      if (this.#offsets[place * 3 + 2] === FREE) {
        words.set(hash, word);
        this.#found = place;
        return false;
      }
      const isSame =
        words[word] === hash[0] &&
        words[word + 1] === hash[1] &&
        words[word + 2] === hash[2] &&
        words[word + 3] === hash[3];
      if (isSame) {
        this.#found = place;
        return true;
      }
      place = place + 1 === this.#places ? 0 : place + 1;
    }
  }
}
