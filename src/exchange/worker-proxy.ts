import { copyBytes } from '../base/bytes.ts';
import { failPoint } from '../base/fail-point.ts';
import { NO_GUARD } from '../base/no-guard.ts';
import { RING_FULL } from '../ring/ring-layout.ts';
import type { ControlCommand } from './control.ts';
import {
  APPEND_RECORDS_OFFSET,
  APPEND_WORDS,
  COMMAND,
  CONTROL_JSON_OFFSET,
  CONTROL_WORDS,
  COORDINATE_TEXT_OFFSET,
  COORDINATE_WORDS,
  MARKER_BYTES,
  MARKER_DOUBLES,
  MARKER_WORDS,
  SYNCED_WORDS,
} from './messages.ts';
import type { Outbox } from './outbox.ts';

/** What a coordinator must know of the client that asks. */
export interface CoordinateCall {
  readonly slot: number;
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly body: Buffer;
  /** That of a verified transaction, for a request that writes into it; absent for others. */
  readonly guard?: number;
}

/** The end of a producer's transaction, as its coordinator decided it. */
export interface MarkerFields {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly isCommit: boolean;
  readonly transactionVersion: number;
}

/** The way of an append to a worker that lives in the front's thread: no ring, and no copy. */
export interface DirectAppends {
  /** The records are stamped where they lie. False where it must go through the ring. */
  append(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    records: Buffer,
    guard: number,
  ): boolean;
}

/**
 * Sends the front's commands to one worker. Every method returns false when the ring is full. The
 * caller then keeps its request and tries again when replies have come in. A worker that is awake
 * sees a command at once, a sleeping one after `wake`.
 */
export class WorkerProxy {
  readonly #outbox: Outbox;
  readonly #direct: DirectAppends | null;
  /** Wakes the worker if it sleeps, once for all commands of a turn of the event loop. */
  readonly wake: () => void;

  constructor(outbox: Outbox, wake: () => void, direct: DirectAppends | null = null) {
    this.#outbox = outbox;
    this.wake = wake;
    this.#direct = direct;
  }

  /** The records may be stamped in place: whoever calls has no more use for them. */
  append(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    records: Buffer,
    guard = NO_GUARD,
  ): boolean {
    const direct = this.#direct;
    if (direct?.append(slot, ticket, index, acks, version, records, guard) === true) return true;
    const outbox = this.#outbox;
    const length = records.length;
    const at = outbox.claim(COMMAND.APPEND, APPEND_RECORDS_OFFSET + length);
    if (at === RING_FULL) return false;
    if (failPoint !== null) failPoint('append-after-claim');
    const words = outbox.words;
    const word = at >> 2;
    words[word + APPEND_WORDS.SLOT] = slot;
    words[word + APPEND_WORDS.TICKET] = ticket;
    words[word + APPEND_WORDS.INDEX] = index;
    words[word + APPEND_WORDS.ACKS] = acks;
    words[word + APPEND_WORDS.VERSION] = version;
    words[word + APPEND_WORDS.BYTES] = length;
    words[word + APPEND_WORDS.GUARD] = guard;
    copyBytes(records, 0, outbox.bytes, at + APPEND_RECORDS_OFFSET, length);
    outbox.commit();
    return true;
  }

  appendMarker(slot: number, ticket: number, index: number, marker: MarkerFields): boolean {
    const outbox = this.#outbox;
    const at = outbox.claim(COMMAND.APPEND_MARKER, MARKER_BYTES);
    if (at === RING_FULL) return false;
    const { words, doubles } = outbox;
    const word = at >> 2;
    words[word + MARKER_WORDS.SLOT] = slot;
    words[word + MARKER_WORDS.TICKET] = ticket;
    words[word + MARKER_WORDS.INDEX] = index;
    words[word + MARKER_WORDS.PRODUCER_EPOCH] = marker.producerEpoch;
    words[word + MARKER_WORDS.COORDINATOR_EPOCH] = marker.coordinatorEpoch;
    words[word + MARKER_WORDS.IS_COMMIT] = marker.isCommit ? 1 : 0;
    words[word + MARKER_WORDS.TRANSACTION_VERSION] = marker.transactionVersion;
    doubles[(at >> 3) + MARKER_DOUBLES.PRODUCER_ID] = marker.producerId;
    outbox.commit();
    return true;
  }

  control(ticket: number, command: ControlCommand): boolean {
    const json = JSON.stringify(command);
    const length = Buffer.byteLength(json);
    const outbox = this.#outbox;
    const at = outbox.claim(COMMAND.CONTROL, CONTROL_JSON_OFFSET + length);
    if (at === RING_FULL) return false;
    outbox.words[(at >> 2) + CONTROL_WORDS.TICKET] = ticket;
    outbox.words[(at >> 2) + CONTROL_WORDS.BYTES] = length;
    outbox.bytes.write(json, at + CONTROL_JSON_OFFSET);
    outbox.commit();
    return true;
  }

  coordinate(ticket: number, call: CoordinateCall): boolean {
    const outbox = this.#outbox;
    const idBytes = Buffer.byteLength(call.clientId);
    const hostBytes = Buffer.byteLength(call.clientHost);
    const bodyBytes = call.body.length;
    const payloadBytes = COORDINATE_TEXT_OFFSET + idBytes + hostBytes + bodyBytes;
    const at = outbox.claim(COMMAND.COORDINATE, payloadBytes);
    if (at === RING_FULL) return false;
    const words = outbox.words;
    const word = at >> 2;
    words[word + COORDINATE_WORDS.TICKET] = ticket;
    words[word + COORDINATE_WORDS.SLOT] = call.slot;
    words[word + COORDINATE_WORDS.API_KEY] = call.apiKey;
    words[word + COORDINATE_WORDS.API_VERSION] = call.apiVersion;
    words[word + COORDINATE_WORDS.CLIENT_ID_BYTES] = idBytes;
    words[word + COORDINATE_WORDS.CLIENT_HOST_BYTES] = hostBytes;
    words[word + COORDINATE_WORDS.BODY_BYTES] = bodyBytes;
    words[word + COORDINATE_WORDS.GUARD] = call.guard ?? NO_GUARD;
    const textAt = at + COORDINATE_TEXT_OFFSET;
    if (idBytes > 0) outbox.bytes.write(call.clientId, textAt);
    if (hostBytes > 0) outbox.bytes.write(call.clientHost, textAt + idBytes);
    copyBytes(call.body, 0, outbox.bytes, textAt + idBytes + hostBytes, bodyBytes);
    outbox.commit();
    return true;
  }

  synced(slot: number, errno: number): boolean {
    const outbox = this.#outbox;
    const at = outbox.claim(COMMAND.SYNCED, 8);
    if (at === RING_FULL) return false;
    outbox.words[(at >> 2) + SYNCED_WORDS.SLOT] = slot;
    outbox.words[(at >> 2) + SYNCED_WORDS.ERRNO] = errno;
    outbox.commit();
    return true;
  }
}
