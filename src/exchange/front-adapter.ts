import { assert } from '../base/assert.ts';
import { RING_EMPTY } from '../ring/ring-layout.ts';
import type { ControlAnswer, PartitionEvent } from './control.ts';
import type { Inbox } from './inbox.ts';
import {
  CONTROL_JSON_OFFSET,
  CONTROL_WORDS,
  COORDINATED_BODY_OFFSET,
  COORDINATED_WORDS,
  PATH_SEPARATOR,
  REPLY,
  SYNC_WORDS,
} from './messages.ts';

/** What the front does with each reply. */
export interface ReplyHandler {
  /** Read the fields through PARTITION_WORDS and PARTITION_DOUBLES; valid during the call. */
  onPartition(words: Int32Array, doubles: Float64Array, at: number): void;
  onControl(ticket: number, answer: ControlAnswer): void;
  /** `body` is a copy that the front may keep. */
  onCoordinated(ticket: number, body: Buffer): void;
  onSync(
    worker: number,
    slot: number,
    descriptors: readonly number[],
    directories: readonly string[],
  ): void;
  onEvent(worker: number, event: PartitionEvent): void;
}

/** Runs on the front: takes one worker's replies off its inbox. */
export class FrontAdapter {
  readonly #inbox: Inbox;
  readonly #worker: number;
  readonly #handler: ReplyHandler;

  constructor(inbox: Inbox, worker: number, handler: ReplyHandler) {
    this.#inbox = inbox;
    this.#worker = worker;
    this.#handler = handler;
  }

  /** Handles at most `limit` replies and says how many there were. */
  drain(limit: number): number {
    const inbox = this.#inbox;
    let count = 0;
    while (count < limit) {
      const type = inbox.next();
      if (type === RING_EMPTY) break;
      count++;
      if (type === REPLY.PARTITION) {
        this.#handler.onPartition(inbox.words, inbox.doubles, inbox.at);
      } else {
        this.#rare(type);
      }
    }
    inbox.release();
    return count;
  }

  isEmpty(): boolean {
    return this.#inbox.isEmpty();
  }

  #rare(type: number): void {
    const { words, bytes, at } = this.#inbox;
    const word = at >> 2;
    if (type === REPLY.COORDINATED) {
      const start = at + COORDINATED_BODY_OFFSET;
      const body = bytes.subarray(start, start + words[word + COORDINATED_WORDS.BYTES]!);
      this.#handler.onCoordinated(words[word + COORDINATED_WORDS.TICKET]!, Buffer.from(body));
    } else if (type === REPLY.SYNC) {
      this.#sync(word);
    } else {
      this.#json(type);
    }
  }

  #sync(word: number): void {
    const { words, bytes } = this.#inbox;
    const first = word + SYNC_WORDS.DESCRIPTORS;
    const last = first + words[word + SYNC_WORDS.COUNT]!;
    const directoryBytes = words[word + SYNC_WORDS.DIRECTORY_BYTES]!;
    const directory = bytes.toString('utf8', last * 4, last * 4 + directoryBytes);
    const descriptors = Array.from(words.subarray(first, last));
    const directories = directory === '' ? [] : directory.split(PATH_SEPARATOR);
    this.#handler.onSync(this.#worker, words[word + SYNC_WORDS.SLOT]!, descriptors, directories);
  }

  #json(type: number): void {
    const { words, bytes, at } = this.#inbox;
    const start = at + CONTROL_JSON_OFFSET;
    const end = start + words[(at >> 2) + CONTROL_WORDS.BYTES]!;
    const json = bytes.toString('utf8', start, end);
    if (type === REPLY.EVENT) {
      this.#handler.onEvent(this.#worker, JSON.parse(json) as PartitionEvent);
      return;
    }
    assert(type === REPLY.CONTROL, `the front knows no reply of type ${type}`);
    const ticket = words[(at >> 2) + CONTROL_WORDS.TICKET]!;
    this.#handler.onControl(ticket, JSON.parse(json) as ControlAnswer);
  }
}
