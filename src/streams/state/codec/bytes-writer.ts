import { text } from '../../../client/serde/serdes.ts';
import { isDirect } from '../../serde/direct-serde.ts';
import type { AnySerde } from '../../topology/store-spec.ts';

const FIRST_BYTES = 256;
/** Up to this length text is looked at byte by byte, which costs less than a call of the engine. */
const SHORT_TEXT = 64;

/**
 * Makes bytes of keys or values, in memory that is used again: what it gives is valid until its
 * next call. `room` bytes stay free behind them.
 */
export class BytesWriter<T> {
  readonly #serde: AnySerde<T>;
  readonly #room: number;
  readonly #direct: ((value: T, target: Buffer, at: number) => number) | undefined;
  readonly #isText: boolean;
  #memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** Of the memory, by length, so that no view is made for each value. */
  #views: (Buffer | undefined)[] = [];

  constructor(serde: AnySerde<T>, room = 0) {
    this.#serde = serde;
    this.#room = room;
    this.#isText = serde === text;
    if (!isDirect(serde)) return;
    this.#direct = (value, target, at) => serde.write(value, target, at);
    this.#fit(serde.directBytes);
  }

  /** Null where the serde makes null of it. With room behind, the room is part of what is given. */
  write(value: T, topic: string): Uint8Array | null {
    if (this.#direct !== undefined) return this.#view(this.#direct(value, this.#memory, 0));
    const encoded = this.#isText ? (value as string | null) : this.#serde.serialize(value, topic);
    if (encoded === null || encoded === undefined) return null;
    if (typeof encoded === 'string') return this.#view(this.#writeText(encoded));
    if (this.#room === 0) return encoded;
    this.#fit(encoded.length);
    this.#memory.set(encoded);
    return this.#view(encoded.length);
  }

  /** `write` for bytes that are there already. */
  copy(bytes: Uint8Array): Buffer {
    this.#fit(bytes.length);
    this.#memory.set(bytes);
    return this.#view(bytes.length);
  }

  #writeText(value: string): number {
    const { length } = value;
    this.#fit(length * 3);
    const memory = this.#memory;
    if (length <= SHORT_TEXT) {
      let at = 0;
      for (; at < length; at++) {
        const code = value.charCodeAt(at);
        if (code > 0x7f) break;
        memory[at] = code;
      }
      if (at === length) return length;
    }
    return memory.write(value, 0, 'utf8');
  }

  #fit(bytes: number): void {
    if (bytes + this.#room <= this.#memory.length) return;
    this.#memory = Buffer.allocUnsafeSlow(Math.max(bytes + this.#room, this.#memory.length * 2));
    this.#views = [];
  }

  #view(length: number): Buffer {
    const whole = length + this.#room;
    if (whole >= FIRST_BYTES * 4) return this.#memory.subarray(0, whole);
    const known = this.#views[whole];
    if (known !== undefined) return known;
    const view = this.#memory.subarray(0, whole);
    this.#views[whole] = view;
    return view;
  }
}
