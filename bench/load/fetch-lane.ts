/**
 * One consuming connection on one partition, one Fetch (v12, without a session) at a time. Record
 * batches are walked by their headers only; the records stay untouched.
 */
import * as layout from '#millrace/records/batch-layout';
import type { LoadConnection } from './load-connection.ts';
import { checkError, LoadError } from './load-error.ts';
import { RequestWriter } from './request-writer.ts';

const FETCH = 1;
const VERSION = 12;
const OFFSET_SPLIT = 2 ** 32;
/** An aborted transaction: producer id 8, first offset 8, tags 1. */
const ABORTED_BYTES = 17;

export interface FetchSettings {
  readonly topic: string;
  readonly partition: number;
  readonly maxBytes: number;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly readCommitted?: boolean;
}

/** After each answer: its records lie in [firstOffset, nextOffset), of `bytes` bytes. */
export type OnFetched = (firstOffset: number, nextOffset: number, bytes: number) => void;

export class FetchLane {
  onFetched: OnFetched = () => {};
  onFailed: (error: Error) => void = () => {};
  nextOffset = 0;
  sentMs = 0;
  readonly #connection: LoadConnection;
  readonly #request: Buffer;
  readonly #offsetAt: number;
  /** Bytes from the start of an answer to the error code of its one partition. */
  readonly #errorAt: number;
  #stopped = false;
  #waiting = false;
  #whenIdle: (() => void) | undefined;

  constructor(connection: LoadConnection, settings: FetchSettings) {
    this.#connection = connection;
    const writer = new RequestWriter(FETCH, VERSION, 0, true);
    const { maxWaitMs, minBytes, maxBytes } = settings;
    writer.int32(-1).int32(maxWaitMs).int32(minBytes).int32(maxBytes);
    writer
      .int8(settings.readCommitted === true ? 1 : 0)
      .int32(0)
      .int32(-1);
    writer.uvarint(2).compactString(settings.topic);
    writer.uvarint(2).int32(settings.partition).int32(-1);
    this.#offsetAt = writer.position;
    writer.int64(0).int32(-1).int64(-1).int32(maxBytes);
    writer.uvarint(0).uvarint(0).uvarint(1).compactString('').uvarint(0);
    this.#request = writer.finish();
    // correlation 4, tags 1, throttle 4, error 2, session 4, count 1, name, count 1, partition 4
    this.#errorAt = 4 + 1 + 4 + 2 + 4 + 1 + 1 + Buffer.byteLength(settings.topic) + 1 + 4;
    connection.onFrame = (bytes, at, end) => this.#answered(bytes, at, end);
    connection.onReadDone = () => this.#continue();
    connection.onClosed = (reason) => this.onFailed(new LoadError(reason));
  }

  start(): void {
    this.#continue();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return new Promise((resolve) => {
      if (!this.#waiting) resolve();
      else this.#whenIdle = resolve;
    });
  }

  #continue(): void {
    if (this.#waiting || this.#stopped) return;
    this.#request.writeInt32BE(Math.floor(this.nextOffset / OFFSET_SPLIT), this.#offsetAt);
    this.#request.writeUInt32BE(this.nextOffset % OFFSET_SPLIT, this.#offsetAt + 4);
    this.#waiting = true;
    this.sentMs = performance.now();
    this.#connection.socket.write(this.#request);
  }

  #answered(bytes: Buffer, at: number, end: number): void {
    this.#waiting = false;
    if (this.#stopped) {
      this.#whenIdle?.();
      return;
    }
    try {
      checkError(bytes.readInt16BE(at + 9), 'Fetch');
      checkError(bytes.readInt16BE(at + this.#errorAt), 'Fetch of the partition');
      this.#walk(bytes, at + this.#errorAt + 2, end);
    } catch (thrown) {
      this.onFailed(thrown as Error);
    }
  }

  /** From the high watermark on: 3 offsets, aborted transactions, preferred replica, records. */
  #walk(bytes: Buffer, afterError: number, end: number): void {
    let at = afterError + 24;
    const aborted = readUvarint(bytes, at);
    at += sizeOfUvarint(aborted) + Math.max(0, aborted - 1) * ABORTED_BYTES + 4;
    const length = readUvarint(bytes, at);
    at += sizeOfUvarint(length);
    const recordsEnd = at + Math.max(0, length - 1);
    if (recordsEnd > end) throw new LoadError('records reach past their frame');
    this.#walkBatches(bytes, at, recordsEnd);
  }

  #walkBatches(bytes: Buffer, from: number, end: number): void {
    const firstOffset = this.nextOffset;
    let next = firstOffset;
    let at = from;
    while (end - at >= layout.BATCH_HEADER_SIZE) {
      const size = layout.sizeInBytes(bytes, at);
      if (size > end - at) break;
      const base = layout.baseOffset(bytes, at);
      if (at !== from && base !== next) throw new LoadError(`offset ${base} in place of ${next}`);
      next = base + layout.lastOffsetDelta(bytes, at) + 1;
      at += size;
    }
    this.nextOffset = next;
    this.onFetched(firstOffset, next, at - from);
  }
}

function readUvarint(bytes: Buffer, at: number): number {
  let value = 0;
  for (let index = 0; ; index++) {
    const byte = bytes[at + index]!;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return value;
  }
}

function sizeOfUvarint(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
