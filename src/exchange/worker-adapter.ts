import { assert } from '../base/assert.ts';
import { RING_EMPTY } from '../ring/ring-layout.ts';
import type { ControlCommand } from './control.ts';
import type { Inbox } from './inbox.ts';
import {
  APPEND_RECORDS_OFFSET,
  APPEND_WORDS,
  COMMAND,
  CONTROL_JSON_OFFSET,
  CONTROL_WORDS,
  COORDINATE_TEXT_OFFSET,
  COORDINATE_WORDS,
  MARKER_DOUBLES,
  MARKER_WORDS,
  SYNCED_WORDS,
} from './messages.ts';
import type { CoordinateCall, MarkerFields } from './worker-proxy.ts';

/** What the worker does with each command. Buffers are the ring's own: valid during the call. */
export interface CommandHandler {
  onAppend(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    memory: Buffer,
    recordsAt: number,
    recordsBytes: number,
    guard: number,
  ): void;
  onAppendMarker(slot: number, ticket: number, index: number, marker: MarkerFields): void;
  onControl(ticket: number, command: ControlCommand): void;
  onCoordinate(ticket: number, call: CoordinateCall): void;
  onSynced(slot: number, errno: number): void;
}

/** Runs in the worker: takes commands off its inbox. */
export class WorkerAdapter {
  readonly #inbox: Inbox;
  readonly #handler: CommandHandler;

  constructor(inbox: Inbox, handler: CommandHandler) {
    this.#inbox = inbox;
    this.#handler = handler;
  }

  /** Handles at most `limit` commands and says how many there were. */
  drain(limit: number): number {
    const inbox = this.#inbox;
    let count = 0;
    while (count < limit) {
      const type = inbox.next();
      if (type === RING_EMPTY) break;
      count++;
      if (type === COMMAND.APPEND) this.#append();
      else this.#rare(type);
      inbox.release();
    }
    return count;
  }

  #append(): void {
    const { words, at } = this.#inbox;
    const word = at >> 2;
    this.#handler.onAppend(
      words[word + APPEND_WORDS.SLOT]!,
      words[word + APPEND_WORDS.TICKET]!,
      words[word + APPEND_WORDS.INDEX]!,
      words[word + APPEND_WORDS.ACKS]!,
      words[word + APPEND_WORDS.VERSION]!,
      this.#inbox.bytes,
      at + APPEND_RECORDS_OFFSET,
      words[word + APPEND_WORDS.BYTES]!,
      words[word + APPEND_WORDS.GUARD]!,
    );
  }

  #rare(type: number): void {
    const { words, bytes, at } = this.#inbox;
    const word = at >> 2;
    if (type === COMMAND.CONTROL) {
      const start = at + CONTROL_JSON_OFFSET;
      const json = bytes.toString('utf8', start, start + words[word + CONTROL_WORDS.BYTES]!);
      this.#handler.onControl(words[word + CONTROL_WORDS.TICKET]!, JSON.parse(json));
    } else if (type === COMMAND.APPEND_MARKER) {
      const slot = words[word + MARKER_WORDS.SLOT]!;
      const ticket = words[word + MARKER_WORDS.TICKET]!;
      this.#handler.onAppendMarker(slot, ticket, words[word + MARKER_WORDS.INDEX]!, this.#marker());
    } else if (type === COMMAND.COORDINATE) {
      const ticket = words[word + COORDINATE_WORDS.TICKET]!;
      this.#handler.onCoordinate(ticket, this.#coordinateCall());
    } else {
      assert(type === COMMAND.SYNCED, `a worker knows no command of type ${type}`);
      this.#handler.onSynced(words[word + SYNCED_WORDS.SLOT]!, words[word + SYNCED_WORDS.ERRNO]!);
    }
  }

  #marker(): MarkerFields {
    const { words, doubles, at } = this.#inbox;
    const word = at >> 2;
    return {
      producerId: doubles[(at >> 3) + MARKER_DOUBLES.PRODUCER_ID]!,
      producerEpoch: words[word + MARKER_WORDS.PRODUCER_EPOCH]!,
      coordinatorEpoch: words[word + MARKER_WORDS.COORDINATOR_EPOCH]!,
      isCommit: words[word + MARKER_WORDS.IS_COMMIT] === 1,
      transactionVersion: words[word + MARKER_WORDS.TRANSACTION_VERSION]!,
    };
  }

  #coordinateCall(): CoordinateCall {
    const { words, bytes, at } = this.#inbox;
    const word = at >> 2;
    const idAt = at + COORDINATE_TEXT_OFFSET;
    const hostAt = idAt + words[word + COORDINATE_WORDS.CLIENT_ID_BYTES]!;
    const bodyAt = hostAt + words[word + COORDINATE_WORDS.CLIENT_HOST_BYTES]!;
    return {
      slot: words[word + COORDINATE_WORDS.SLOT]!,
      apiKey: words[word + COORDINATE_WORDS.API_KEY]!,
      apiVersion: words[word + COORDINATE_WORDS.API_VERSION]!,
      clientId: bytes.toString('utf8', idAt, hostAt),
      clientHost: bytes.toString('utf8', hostAt, bodyAt),
      guard: words[word + COORDINATE_WORDS.GUARD]!,
      body: bytes.subarray(bodyAt, bodyAt + words[word + COORDINATE_WORDS.BODY_BYTES]!),
    };
  }
}
