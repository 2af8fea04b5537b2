import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { RingConsumer } from '../ring/ring-consumer.ts';
import { RING_EMPTY } from '../ring/ring-layout.ts';
import { COMMAND } from './messages.ts';

/** The reading end of one direction between two threads; the other end is an Outbox. */
export class Inbox {
  /** The message that `next` found: its payload begins at index `at` of the three views. */
  bytes: Buffer;
  words: Int32Array;
  doubles: Float64Array;
  at = 0;
  readonly #ring: RingConsumer;
  readonly #port: MessagePort;

  constructor(memory: SharedArrayBuffer, port: MessagePort) {
    this.#ring = new RingConsumer(memory);
    this.#port = port;
    this.bytes = this.#ring.bytes;
    this.words = this.#ring.words;
    this.doubles = this.#ring.doubles;
  }

  /** The type of the next message or RING_EMPTY. */
  next(): number {
    const ring = this.#ring;
    const type = ring.next();
    if (type === RING_EMPTY) return RING_EMPTY;
    if (type === COMMAND.BLOB) return this.#nextBlob();
    this.bytes = ring.bytes;
    this.words = ring.words;
    this.doubles = ring.doubles;
    this.at = ring.payloadAt;
    return type;
  }

  #nextBlob(): number {
    const received = receiveMessageOnPort(this.#port);
    assert(received !== undefined, 'the ring announced a blob that is not in the port');
    const { type, blob } = received.message as { type: number; blob: SharedArrayBuffer };
    this.bytes = Buffer.from(blob);
    this.words = new Int32Array(blob);
    this.doubles = new Float64Array(blob);
    this.at = 0;
    return type;
  }

  release(): void {
    this.#ring.release();
  }

  isEmpty(): boolean {
    return this.#ring.isEmpty();
  }
}
