import {
  DATA_OFFSET,
  HEAD_WORD,
  MESSAGE_HEADER_BYTES,
  PADDING_TYPE,
  RING_EMPTY,
  TAIL_WORD,
} from './ring-layout.ts';

/** The reading end of a ring. One thread owns it. */
export class RingConsumer {
  readonly bytes: Buffer;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  /** Where the payload of the message that `next` found begins, and how long it may be. */
  payloadAt = 0;
  payloadBytes = 0;
  readonly #mask: number;
  #head: number;
  #released: number;
  #tailSeen: number;

  constructor(memory: SharedArrayBuffer) {
    this.bytes = Buffer.from(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.#mask = memory.byteLength - DATA_OFFSET - 1;
    this.#head = Atomics.load(this.words, HEAD_WORD);
    this.#released = this.#head;
    this.#tailSeen = this.#head;
  }

  /** The type of the next message, whose payload stays readable until `release`; or RING_EMPTY. */
  next(): number {
    const words = this.words;
    for (;;) {
      if (this.#head === this.#tailSeen) {
        this.#tailSeen = Atomics.load(words, TAIL_WORD);
        if (this.#head === this.#tailSeen) return RING_EMPTY;
      }
      const messageAt = DATA_OFFSET + (this.#head & this.#mask);
      const messageBytes = words[messageAt >> 2]!;
      const type = words[(messageAt >> 2) + 1]!;
      this.#head = (this.#head + messageBytes) | 0;
      if (type !== PADDING_TYPE) {
        this.payloadAt = messageAt + MESSAGE_HEADER_BYTES;
        this.payloadBytes = messageBytes - MESSAGE_HEADER_BYTES;
        return type;
      }
    }
  }

  /** Gives the room of all messages read so far back to the producer. */
  release(): void {
    if (this.#released === this.#head) return;
    this.#released = this.#head;
    Atomics.store(this.words, HEAD_WORD, this.#head);
  }

  isEmpty(): boolean {
    return this.#head === Atomics.load(this.words, TAIL_WORD);
  }
}
