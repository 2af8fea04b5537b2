/**
 * One producing connection. Its requests are encoded once and lie one behind the other in one
 * buffer; they are sent in ring order and answered in that order, so that the requests which one
 * read made room for leave in a single write of a single slice.
 */
import type { LoadConnection } from './load-connection.ts';
import { checkError, LoadError } from './load-error.ts';
import type { ProduceFrame } from './produce-request.ts';
import type { Publisher } from './publisher.ts';

/** Makes a prepared batch the one that begins with that record number of its partition. */
export interface EntryPatch {
  set(firstRecord: number): void;
}

export interface LaneEntry {
  readonly frame: ProduceFrame;
  readonly errorAt: number;
  /** For an idempotent producer, or for records with keys. */
  readonly patch: EntryPatch | undefined;
  /** Where the records of the entry's partition go on. */
  readonly sequence: { next: number };
  readonly messages: number;
}

export interface LaneSettings {
  readonly inFlight: number;
  readonly acks: number;
  /** When request k was meant to leave; undefined: when there is room. */
  readonly intendedMs: ((index: number) => number) | undefined;
}

export type OnDone = (latencyMs: number, messages: number, bytes: number) => void;

export class ProduceLane implements Publisher {
  onSent: (index: number, nowMs: number) => void = () => {};
  onDone: OnDone = () => {};
  onFailed: (error: Error) => void = () => {};
  readonly #connection: LoadConnection;
  readonly #entries: readonly LaneEntry[];
  readonly #settings: LaneSettings;
  readonly #bytes: Buffer;
  /** Entry i lies at [starts[i], starts[i + 1]). */
  readonly #starts: readonly number[];
  readonly #sentMs: Float64Array;
  #sent = 0;
  #done = 0;
  #released = 0;
  #whenIdle: (() => void) | undefined;

  constructor(
    connection: LoadConnection,
    entries: readonly LaneEntry[],
    settings: LaneSettings,
    packed: { readonly bytes: Buffer; readonly starts: readonly number[] },
  ) {
    this.#connection = connection;
    this.#entries = entries;
    this.#settings = settings;
    this.#bytes = packed.bytes;
    this.#starts = packed.starts;
    this.#sentMs = new Float64Array(entries.length);
    connection.onFrame = (bytes, at) => this.#answered(bytes, at);
    connection.onReadDone = () => this.pump();
    connection.onClosed = (reason) => this.onFailed(new LoadError(reason));
  }

  /** Requests below this number may leave now. */
  release(count: number): void {
    this.#released = count;
    this.pump();
  }

  /** Sends nothing more; resolves when all that was sent is answered. */
  stop(): Promise<void> {
    this.#released = this.#sent;
    return this.whenIdle();
  }

  /** When all that was released has been answered. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
      this.#noteIdle();
    });
  }

  close(): void {
    this.#connection.close();
  }

  pump(): void {
    const room = this.#settings.inFlight - (this.#sent - this.#done);
    let count = Math.min(room, this.#released - this.#sent);
    while (count > 0) {
      const first = this.#sent % this.#entries.length;
      const run = Math.min(count, this.#entries.length - first);
      this.#prepare(first, run);
      this.#sent += run;
      count -= run;
      const slice = this.#bytes.subarray(this.#starts[first], this.#starts[first + run]);
      if (this.#settings.acks !== 0) this.#connection.socket.write(slice);
      else this.#connection.socket.write(slice, () => this.#taken(run));
    }
  }

  #prepare(first: number, run: number): void {
    const { intendedMs } = this.#settings;
    const nowMs = performance.now();
    for (let index = first; index < first + run; index++) {
      const entry = this.#entries[index]!;
      const number = this.#sent + (index - first);
      this.#sentMs[index] = intendedMs === undefined ? nowMs : Math.min(nowMs, intendedMs(number));
      this.onSent(number, nowMs);
      if (entry.patch === undefined) continue;
      entry.patch.set(entry.sequence.next);
      entry.sequence.next = (entry.sequence.next + entry.messages) % 2 ** 31;
    }
  }

  #answered(bytes: Buffer, at: number): void {
    const index = this.#done % this.#entries.length;
    const entry = this.#entries[index]!;
    if (bytes.readInt32BE(at) !== index) {
      this.onFailed(new LoadError(`answer ${bytes.readInt32BE(at)} came in place of ${index}`));
      return;
    }
    const error = bytes.readInt16BE(at + entry.errorAt);
    if (error !== 0) {
      this.#refused(error);
      return;
    }
    this.#complete(index, entry);
    this.#noteIdle();
  }

  #refused(error: number): void {
    try {
      checkError(error, `Produce ${this.#done}`);
    } catch (thrown) {
      this.onFailed(thrown as Error);
    }
  }

  #complete(index: number, entry: LaneEntry): void {
    this.#done++;
    const { batchAt, batchEnd } = entry.frame;
    this.onDone(performance.now() - this.#sentMs[index]!, entry.messages, batchEnd - batchAt);
  }

  /** acks=0 has no answers: a request is done when the kernel has taken its bytes. */
  #taken(run: number): void {
    for (; run > 0; run--) {
      const index = this.#done % this.#entries.length;
      this.#complete(index, this.#entries[index]!);
    }
    this.#noteIdle();
    setImmediate(() => this.pump());
  }

  #noteIdle(): void {
    if (this.#done < this.#released || this.#done < this.#sent) return;
    this.#whenIdle?.();
    this.#whenIdle = undefined;
  }
}
