import { copyBytes } from '../base/bytes.ts';
import { RING_FULL } from '../ring/ring-layout.ts';
import type { ControlAnswer, PartitionEvent, PartitionState } from './control.ts';
import {
  CONTROL_JSON_OFFSET,
  CONTROL_WORDS,
  COORDINATED_BODY_OFFSET,
  COORDINATED_WORDS,
  NO_TICKET,
  PARTITION_BYTES,
  PARTITION_DOUBLES,
  PARTITION_WORDS,
  PATH_SEPARATOR,
  REPLY,
  SYNC_WORDS,
} from './messages.ts';
import type { Outbox } from './outbox.ts';
import { writePosition } from './position-layout.ts';

/** How long a worker sleeps when the ring of its replies is full. */
const FULL_NAP_MS = 1;

/**
 * Sends a worker's replies to the front. A reply is published as it is written. `flush` wakes the
 * front once per drained batch.
 */
export class FrontProxy {
  readonly #outbox: Outbox;
  readonly #wakeFront: () => void;
  #unannounced = false;
  /** The ring is full, and the worker waits in the middle of what it does. */
  isWaiting = false;

  constructor(outbox: Outbox, wakeFront: () => void) {
    this.#outbox = outbox;
    this.#wakeFront = wakeFront;
  }

  partition(
    state: PartitionState,
    ticket: number,
    index: number,
    error: number,
    baseOffset: number,
    appendTimeMs: number,
  ): void {
    const at = this.#claim(REPLY.PARTITION, PARTITION_BYTES);
    const { words, doubles } = this.#outbox;
    const word = at >> 2;
    const double = at >> 3;
    words[word + PARTITION_WORDS.SLOT] = state.slot;
    words[word + PARTITION_WORDS.TICKET] = ticket;
    words[word + PARTITION_WORDS.INDEX] = index;
    words[word + PARTITION_WORDS.ERROR] = error;
    doubles[double + PARTITION_DOUBLES.BASE_OFFSET] = baseOffset;
    doubles[double + PARTITION_DOUBLES.APPEND_TIME] = appendTimeMs;
    doubles[double + PARTITION_DOUBLES.LOG_START] = state.logStartOffset;
    const { logEnd, limits } = state;
    writePosition(doubles, double + PARTITION_DOUBLES.LOG_END, logEnd);
    writePosition(doubles, double + PARTITION_DOUBLES.HIGH_WATERMARK, limits.highWatermark);
    writePosition(doubles, double + PARTITION_DOUBLES.LAST_STABLE, limits.lastStable);
    doubles[double + PARTITION_DOUBLES.ABORTED] = state.abortedCount;
    this.#commit();
  }

  controlAnswer(ticket: number, answer: ControlAnswer): void {
    this.#json(REPLY.CONTROL, ticket, answer);
  }

  event(event: PartitionEvent): void {
    this.#json(REPLY.EVENT, NO_TICKET, event);
  }

  #json(type: number, ticket: number, value: object): void {
    const json = JSON.stringify(value);
    const length = Buffer.byteLength(json);
    const at = this.#claim(type, CONTROL_JSON_OFFSET + length);
    this.#outbox.words[(at >> 2) + CONTROL_WORDS.TICKET] = ticket;
    this.#outbox.words[(at >> 2) + CONTROL_WORDS.BYTES] = length;
    this.#outbox.bytes.write(json, at + CONTROL_JSON_OFFSET);
    this.#commit();
  }

  coordinated(ticket: number, body: Buffer): void {
    const at = this.#claim(REPLY.COORDINATED, COORDINATED_BODY_OFFSET + body.length);
    this.#outbox.words[(at >> 2) + COORDINATED_WORDS.TICKET] = ticket;
    this.#outbox.words[(at >> 2) + COORDINATED_WORDS.BYTES] = body.length;
    copyBytes(body, 0, this.#outbox.bytes, at + COORDINATED_BODY_OFFSET, body.length);
    this.#commit();
  }

  sync(slot: number, descriptors: readonly number[], directories: readonly string[]): void {
    const directory = directories.join(PATH_SEPARATOR);
    const directoryBytes = Buffer.byteLength(directory);
    const descriptorsEnd = (SYNC_WORDS.DESCRIPTORS + descriptors.length) * 4;
    const at = this.#claim(REPLY.SYNC, descriptorsEnd + directoryBytes);
    const words = this.#outbox.words;
    words[(at >> 2) + SYNC_WORDS.DIRECTORY_BYTES] = directoryBytes;
    this.#outbox.bytes.write(directory, at + descriptorsEnd);
    words[(at >> 2) + SYNC_WORDS.SLOT] = slot;
    words[(at >> 2) + SYNC_WORDS.COUNT] = descriptors.length;
    for (let i = 0; i < descriptors.length; i++) {
      words[(at >> 2) + SYNC_WORDS.DESCRIPTORS + i] = descriptors[i]!;
    }
    this.#commit();
  }

  /** Wakes the front if there are new replies and it sleeps. */
  flush(): void {
    if (!this.#unannounced) return;
    this.#unannounced = false;
    this.#wakeFront();
  }

  #claim(type: number, payloadBytes: number): number {
    let at = this.#outbox.claim(type, payloadBytes);
    if (at !== RING_FULL) return at;
    this.isWaiting = true;
    while (at === RING_FULL) {
      this.#wakeFront();
      this.#outbox.waitForRoom(FULL_NAP_MS);
      at = this.#outbox.claim(type, payloadBytes);
    }
    this.isWaiting = false;
    return at;
  }

  #commit(): void {
    this.#outbox.commit();
    this.#unannounced = true;
  }
}
