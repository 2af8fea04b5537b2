import { assert } from '../base/assert.ts';
import {
  alignedMessageBytes,
  DATA_OFFSET,
  HEAD_WORD,
  longestPayloadBytes,
  MESSAGE_HEADER_BYTES,
  PADDING_TYPE,
  RING_FULL,
  RING_TOO_LONG,
  TAIL_WORD,
} from './ring-layout.ts';

/** The writing end of a ring. One thread owns it. */
export class RingProducer {
  /** Views for writing in place at what `claim` returned: `words[at >> 2]`, `doubles[at >> 3]`. */
  readonly bytes: Buffer;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly longestPayload: number;
  readonly #capacity: number;
  readonly #mask: number;
  #tail: number;
  #claimed = 0;
  /** What the consumer had released when we last looked; read again only when room seems short. */
  #headSeen: number;

  constructor(memory: SharedArrayBuffer) {
    const capacity = memory.byteLength - DATA_OFFSET;
    assert(capacity >= 1024 && (capacity & (capacity - 1)) === 0, 'a ring is a power of two long');
    this.bytes = Buffer.from(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.longestPayload = longestPayloadBytes(capacity);
    this.#capacity = capacity;
    this.#mask = capacity - 1;
    this.#tail = Atomics.load(this.words, TAIL_WORD);
    this.#headSeen = Atomics.load(this.words, HEAD_WORD);
  }

  /** The byte index of a payload of that length, a multiple of 8; or a negative refusal. */
  claim(type: number, payloadBytes: number): number {
    if (payloadBytes > this.longestPayload) return RING_TOO_LONG;
    const messageBytes = alignedMessageBytes(payloadBytes);
    const start = this.#tail & this.#mask;
    const toEnd = this.#capacity - start;
    const padding = messageBytes > toEnd ? toEnd : 0;
    if (!this.#hasRoom(messageBytes + padding)) return RING_FULL;
    const words = this.words;
    let messageAt = DATA_OFFSET + start;
    if (padding > 0) {
      words[messageAt >> 2] = padding;
      words[(messageAt >> 2) + 1] = PADDING_TYPE;
      messageAt = DATA_OFFSET;
    }
    words[messageAt >> 2] = messageBytes;
    words[(messageAt >> 2) + 1] = type;
    this.#claimed = messageBytes + padding;
    return messageAt + MESSAGE_HEADER_BYTES;
  }

  /** Publishes the claimed message. */
  commit(): void {
    this.#tail = (this.#tail + this.#claimed) | 0;
    this.#claimed = 0;
    Atomics.store(this.words, TAIL_WORD, this.#tail);
  }

  #hasRoom(neededBytes: number): boolean {
    if (this.#capacity - ((this.#tail - this.#headSeen) | 0) >= neededBytes) return true;
    this.#headSeen = Atomics.load(this.words, HEAD_WORD);
    return this.#capacity - ((this.#tail - this.#headSeen) | 0) >= neededBytes;
  }

  /** Sleeps until the consumer released something or the time is over. Never on the front. */
  waitForRoom(timeoutMs: number): void {
    Atomics.wait(this.words, HEAD_WORD, this.#headSeen, timeoutMs);
  }
}
