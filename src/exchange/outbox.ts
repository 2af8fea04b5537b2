import type { MessagePort } from 'node:worker_threads';
import { RING_FULL, RING_TOO_LONG } from '../ring/ring-layout.ts';
import { RingProducer } from '../ring/ring-producer.ts';
import { COMMAND } from './messages.ts';

/**
 * The writing end of one direction between two threads: a ring, and a message port for rare
 * payloads that are too long for a ring. The writer claims room, writes at the returned index of
 * `bytes`, `words` and `doubles`, and commits.
 */
export class Outbox {
  bytes: Buffer;
  words: Int32Array;
  doubles: Float64Array;
  readonly #ring: RingProducer;
  readonly #port: MessagePort;
  #blob: SharedArrayBuffer | null = null;
  #blobType = 0;

  constructor(memory: SharedArrayBuffer, port: MessagePort) {
    this.#ring = new RingProducer(memory);
    this.#port = port;
    this.bytes = this.#ring.bytes;
    this.words = this.#ring.words;
    this.doubles = this.#ring.doubles;
  }

  /** The index to write the payload at, or RING_FULL. */
  claim(type: number, payloadBytes: number): number {
    const at = this.#ring.claim(type, payloadBytes);
    return at === RING_TOO_LONG ? this.#claimBlob(type, payloadBytes) : at;
  }

  #claimBlob(type: number, payloadBytes: number): number {
    const noticeAt = this.#ring.claim(COMMAND.BLOB, 8);
    if (noticeAt === RING_FULL) return RING_FULL;
    this.#ring.words[noticeAt >> 2] = type;
    this.#ring.words[(noticeAt >> 2) + 1] = payloadBytes;
    this.#blob = new SharedArrayBuffer((payloadBytes + 7) & ~7);
    this.#blobType = type;
    this.bytes = Buffer.from(this.#blob);
    this.words = new Int32Array(this.#blob);
    this.doubles = new Float64Array(this.#blob);
    return 0;
  }

  commit(): void {
    if (this.#blob !== null) this.#postBlob(this.#blob);
    this.#ring.commit();
  }

  /** The blob is in the port's queue before the ring announces it. */
  #postBlob(blob: SharedArrayBuffer): void {
    this.#port.postMessage({ type: this.#blobType, blob });
    this.#blob = null;
    this.bytes = this.#ring.bytes;
    this.words = this.#ring.words;
    this.doubles = this.#ring.doubles;
  }

  waitForRoom(timeoutMs: number): void {
    this.#ring.waitForRoom(timeoutMs);
  }
}
