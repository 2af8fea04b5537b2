/**
 * One transactional producer on one connection: transaction after transaction. A broker answers the
 * requests of a connection in their order, and each request says by its correlation id which it is:
 * a slot's number for a Produce, one of `STEP` for the others.
 *
 *   [add ▶ ] writes ... last write answered ▶ EndTxn ▶ the next one
 */
import type { LoadConnection } from './load-connection.ts';
import { checkError, LoadError } from './load-error.ts';
import type { ProducerPatch } from './producer-patch.ts';
import type { EndFrame, TransactionFrame } from './transaction-frames.ts';

export const STEP = { addPartitions: 1001, addOffsets: 1002, offsets: 1003, end: 1004 } as const;

/** The markers of the transaction before are on their way; so a client asks again. */
const PASSING: ReadonlySet<number> = new Set([19, 51]);
/** The Java producer's pause where a transaction's first request meets these. */
const PAUSE_MS = 20;
/** A partition in the transaction under way: not written to, first write under way, taken. */
const UNTOUCHED = 0;
const OPENING = 1;
const OPEN = 2;

export interface WriteSlot {
  readonly bytes: Buffer;
  readonly patches: readonly ProducerPatch[];
  /** Of each patch, in its order. */
  readonly partitions: readonly number[];
  readonly errorsAt: readonly number[];
  /** Of each of its batches. */
  readonly recordsEach: number;
  readonly batchBytes: number;
}

export interface TransactionLaneSettings {
  readonly slots: readonly WriteSlot[];
  readonly partitions: number;
  readonly inFlight: number;
  /** Writes begin until a transaction is so old; 0: a transaction is one write. */
  readonly transactionMs: number;
  /** Every so many transactions one is aborted; 0: none. */
  readonly abortEvery: number;
  /** Before the writes of each transaction. */
  readonly adds: readonly TransactionFrame[];
  /** Beside the writes of each transaction. */
  readonly offsets: TransactionFrame | undefined;
  readonly end: EndFrame;
  readonly producerId: number;
}

export class TransactionLane {
  onWritten: (latencyMs: number, records: number, bytes: number) => void = () => {};
  onEnded: (latencyMs: number) => void = () => {};
  onFailed: (error: Error) => void = () => {};
  readonly #connection: LoadConnection;
  readonly #settings: TransactionLaneSettings;
  readonly #sentMs: Float64Array;
  readonly #isInFlight: Uint8Array;
  /** Of each partition: its next sequence, and how far it is in this transaction. */
  readonly #sequences: Int32Array;
  readonly #states: Uint8Array;
  #epoch = 0;
  #transactions = 0;
  #beganMs = 0;
  #isWriting = false;
  #hasWritten = false;
  #nextSlot = 0;
  #unanswered = 0;
  #isStopped = false;
  #whenIdle: (() => void) | undefined;

  constructor(connection: LoadConnection, settings: TransactionLaneSettings) {
    this.#connection = connection;
    this.#settings = settings;
    this.#sentMs = new Float64Array(settings.slots.length);
    this.#isInFlight = new Uint8Array(settings.slots.length);
    this.#sequences = new Int32Array(settings.partitions);
    this.#states = new Uint8Array(settings.partitions);
    connection.onFrame = (bytes, at) => this.#answered(bytes, at);
    connection.onReadDone = () => this.#pump();
    connection.onClosed = (reason) => this.onFailed(new LoadError(reason));
  }

  start(): void {
    this.#begin();
  }

  /** Resolves when the transaction under way has ended. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  close(): void {
    this.#connection.close();
  }

  #begin(): void {
    const { adds } = this.#settings;
    this.#beganMs = performance.now();
    this.#states.fill(UNTOUCHED);
    if (adds.length === 0) this.#write();
    else for (const frame of adds) this.#send(frame);
  }

  #write(): void {
    this.#isWriting = true;
    this.#pump();
    if (this.#settings.offsets !== undefined) this.#send(this.#settings.offsets);
  }

  #send(frame: TransactionFrame): void {
    frame.bytes.writeInt16BE(this.#epoch, frame.epochAt);
    this.#unanswered++;
    this.#connection.socket.write(frame.bytes);
  }

  #pump(): void {
    if (this.#isWriting) this.#fill();
    this.#endIfWritten();
  }

  #fill(): void {
    const { slots, inFlight, transactionMs } = this.#settings;
    const nowMs = performance.now();
    const isOld = this.#isStopped || nowMs - this.#beganMs >= transactionMs;
    if (isOld && transactionMs > 0 && this.#hasWritten) this.#isWriting = false;
    while (this.#isWriting && this.#unanswered < inFlight) {
      const index = this.#nextSlot;
      if (this.#isInFlight[index] === 1 || this.#waitsForFirst(slots[index]!)) break;
      this.#nextSlot = (index + 1) % slots.length;
      this.#isWriting = transactionMs > 0;
      this.#writeSlot(index, nowMs);
    }
  }

  /** One write opens a partition; more follow when it was taken, so that only one is repeated. */
  #waitsForFirst({ partitions }: WriteSlot): boolean {
    return partitions.length === 1 && this.#states[partitions[0]!] === OPENING;
  }

  #writeSlot(index: number, nowMs: number): void {
    const slot = this.#settings.slots[index]!;
    for (let at = 0; at < slot.partitions.length; at++) {
      const partition = slot.partitions[at]!;
      slot.patches[at]!.set(this.#epoch, this.#sequences[partition]!);
      this.#sequences[partition] = (this.#sequences[partition]! + slot.recordsEach) % 2 ** 31;
      if (this.#states[partition] === UNTOUCHED) this.#states[partition] = OPENING;
    }
    this.#sentMs[index] = nowMs;
    this.#isInFlight[index] = 1;
    this.#hasWritten = true;
    this.#unanswered++;
    this.#connection.socket.write(slot.bytes);
  }

  #answered(bytes: Buffer, at: number): void {
    const which = bytes.readInt32BE(at);
    if (which < this.#settings.slots.length) this.#onWritten(which, bytes, at);
    else if (which === STEP.end) this.#onEnd(bytes, at);
    else if (which === STEP.offsets) this.#onStep(this.#settings.offsets!, bytes, at, 'offsets');
    else this.#onStep(this.#settings.adds[which - STEP.addPartitions]!, bytes, at, 'adding');
  }

  #onWritten(index: number, bytes: Buffer, at: number): void {
    const slot = this.#settings.slots[index]!;
    for (const errorAt of slot.errorsAt) {
      const error = bytes.readInt16BE(at + errorAt);
      if (this.#repeats(error, () => this.#connection.socket.write(slot.bytes))) return;
      if (!this.#isTaken(error, 'Produce')) return;
    }
    this.#unanswered--;
    this.#isInFlight[index] = 0;
    for (const partition of slot.partitions) this.#states[partition] = OPEN;
    const batches = slot.partitions.length;
    const latencyMs = performance.now() - this.#sentMs[index]!;
    this.onWritten(latencyMs, slot.recordsEach * batches, slot.batchBytes * batches);
  }

  #onStep(frame: TransactionFrame, bytes: Buffer, at: number, name: string): void {
    for (const errorAt of frame.errorsAt) {
      const error = bytes.readInt16BE(at + errorAt);
      if (this.#repeats(error, () => this.#connection.socket.write(frame.bytes))) return;
      if (!this.#isTaken(error, name)) return;
    }
    this.#unanswered--;
    if (name === 'adding' && this.#unanswered === 0) this.#write();
  }

  #onEnd(bytes: Buffer, at: number): void {
    const { end, producerId } = this.#settings;
    const error = bytes.readInt16BE(at + end.errorsAt[0]!);
    if (this.#repeats(error, () => this.#connection.socket.write(end.bytes))) return;
    if (!this.#isTaken(error, 'EndTxn')) return;
    this.#unanswered--;
    this.#hasWritten = false;
    this.#transactions++;
    if (end.identityAt > 0) {
      if (Number(bytes.readBigInt64BE(at + end.identityAt)) !== producerId) {
        this.onFailed(new LoadError('the epochs of a producer are used up'));
        return;
      }
      this.#epoch = bytes.readInt16BE(at + end.identityAt + 8);
      this.#sequences.fill(0);
    }
    this.onEnded(performance.now() - this.#beganMs);
    if (this.#isStopped) this.#whenIdle?.();
    else this.#begin();
  }

  #repeats(error: number, again: () => void): boolean {
    if (!PASSING.has(error)) return false;
    setTimeout(again, PAUSE_MS);
    return true;
  }

  #isTaken(error: number, name: string): boolean {
    try {
      checkError(error, name);
      return true;
    } catch (thrown) {
      this.onFailed(thrown as Error);
      return false;
    }
  }

  #endIfWritten(): void {
    if (this.#isWriting || this.#unanswered > 0 || !this.#hasWritten) return;
    const { end, abortEvery } = this.#settings;
    const isAborted = abortEvery > 0 && (this.#transactions + 1) % abortEvery === 0;
    end.bytes.writeInt8(isAborted ? 0 : 1, end.committedAt);
    this.#send(end);
  }
}
