import { isCorrupt, reasonOf } from '../../base/errors.ts';
import type { HelperPool } from '../../front/partitions/helper-pool.ts';
import {
  attributes,
  BATCH_HEADER_SIZE,
  baseOffset,
  CODEC_MASK,
  codecId,
  crc,
  LOG_OVERHEAD,
  recordCount,
  setAttributes,
  setBatchLength,
  sizeInBytes,
} from '../../records/batch-layout.ts';
import { CODEC } from '../../records/codec-ids.ts';
import { decompress } from '../../records/compression.ts';
import { OutgrownError } from '../../records/outgrown-error.ts';
import type { RecordCursor } from '../../records/record-iterator.ts';
import type { Stretch } from './frame.ts';
import { POSITIONS_FROM, RecordPositions } from './record-positions.ts';

/** A batch that is longer than this when opened is not shown as records. */
const OPENED_BYTES_MAX = 32 * 1024 * 1024;
/**
 * A batch that is longer than this when opened is opened in the helper pool, because it would hold
 * up the front.
 */
const OPENED_HERE_MAX = 256 * 1024;
const KEPT_BYTES_MAX = 64 * 1024 * 1024;
const KEPT_BATCHES_MAX = 512;
/** How many batches are opened in the helper pool at a time. The pool has other work too. */
const OPENINGS_MAX = 2;
const RETRY_MS = 1000;
/** A batch that nobody has read for so many sweeps is dropped. A sweep comes every second. */
const UNREAD_SWEEPS = 5;

export const OPENED = 0;
export const DAMAGED = 1;
/**
 * The batch is being opened in the helper pool. `opening` resolves when it may be asked for again.
 */
export const LATER = 2;

interface Opened {
  /** The batch without compression; null if it has none or must be opened again. */
  batch: Buffer | null;
  isDamaged: boolean;
  /** Whether it is to be opened in the helper pool. */
  isLarge: boolean;
  readonly positions: RecordPositions | null;
  /** Sweeps since it was last read. */
  sweeps: number;
}

/**
 * Opens compressed batches and keeps those that were used last: a batch goes out in several frames
 * and formats. It also remembers record positions of batches with many records, compressed or not.
 */
export class OpenedBatches {
  opening: Promise<void> = Promise.resolve();
  /** The record positions of the batch that was opened last; null if it has few records. */
  positions: RecordPositions | null = null;
  readonly #helpers: HelperPool;
  readonly #onFailure: (reason: string) => void;
  /** In the order of their last use. */
  readonly #kept = new Map<string, Opened>();
  readonly #openings = new Map<string, Promise<void>>();
  #keptBytes = 0;
  #isClosed = false;

  constructor(helpers: HelperPool, onFailure: (reason: string) => void) {
    this.#helpers = helpers;
    this.#onFailure = onFailure;
  }

  /** Sets the cursor before the first record of a whole batch. Answers OPENED, DAMAGED or LATER. */
  open(stretch: Stretch, at: number, record: RecordCursor): number {
    const { bytes } = stretch;
    const isPlain = codecId(bytes, at) === CODEC.NONE;
    this.positions = null;
    if (isPlain && recordCount(bytes, at) <= POSITIONS_FROM) {
      record.open(bytes, at);
      return OPENED;
    }
    const key = keyOf(stretch, at);
    const opened = this.#find(key, bytes, at);
    if (opened.isDamaged) return DAMAGED;
    if (!isPlain && opened.batch === null && !this.#unpack(opened, stretch, at, key)) {
      return opened.isDamaged ? DAMAGED : LATER;
    }
    this.positions = opened.positions;
    if (isPlain) record.open(bytes, at);
    else record.open(opened.batch!, 0);
    return OPENED;
  }

  #find(key: string, bytes: Buffer, at: number): Opened {
    let opened = this.#kept.get(key);
    if (opened === undefined) {
      const count = recordCount(bytes, at);
      const positions = count > POSITIONS_FROM ? new RecordPositions(count) : null;
      opened = { batch: null, isDamaged: false, isLarge: false, positions, sweeps: 0 };
    } else {
      this.#kept.delete(key);
    }
    opened.sweeps = 0;
    this.#kept.set(key, opened);
    if (this.#kept.size > KEPT_BATCHES_MAX) {
      const [key, oldest] = this.#kept.entries().next().value!;
      this.#release(oldest);
      this.#kept.delete(key);
    }
    return opened;
  }

  /** Answers false if the batch is damaged or is being opened elsewhere. */
  #unpack(opened: Opened, stretch: Stretch, at: number, key: string): boolean {
    const { bytes } = stretch;
    const packed = bytes.subarray(at + BATCH_HEADER_SIZE, at + sizeInBytes(bytes, at));
    try {
      opened.isLarge ||= packed.length > OPENED_HERE_MAX;
      if (!opened.isLarge) {
        const records = decompress(codecId(bytes, at), packed, OPENED_HERE_MAX);
        const batch = Buffer.allocUnsafeSlow(BATCH_HEADER_SIZE + records.length);
        batch.set(records, BATCH_HEADER_SIZE);
        this.#keep(opened, batch, headerOf(bytes, at));
        return true;
      }
    } catch (thrown) {
      // The broker stores what a client compressed wrongly. A reader meets the damage here.
      if (!isCorrupt(thrown)) throw thrown;
      opened.isLarge = thrown instanceof OutgrownError;
      opened.isDamaged = !opened.isLarge;
    }
    if (!opened.isDamaged) this.#unpackElsewhere(key, bytes, at, packed);
    return false;
  }

  #unpackElsewhere(key: string, bytes: Buffer, at: number, packed: Uint8Array): void {
    const known = this.#openings.get(key);
    if (known !== undefined || this.#openings.size >= OPENINGS_MAX) {
      this.opening = known ?? this.#openings.values().next().value!;
      return;
    }
    const copy = new Uint8Array(packed);
    const opening = this.#receive(key, headerOf(bytes, at), copy);
    this.#openings.set(key, opening);
    this.opening = opening;
  }

  async #receive(key: string, header: Buffer, packed: Uint8Array): Promise<void> {
    try {
      const bytes = await this.#helpers.open({
        packed,
        codec: codecId(header, 0),
        openedBytesMax: OPENED_BYTES_MAX,
        headerBytes: BATCH_HEADER_SIZE,
      });
      const opened = this.#kept.get(key);
      if (opened === undefined) {
        if (bytes !== null) this.#helpers.release(bytes);
        return;
      }
      if (bytes === null) opened.isDamaged = true;
      else this.#keep(opened, Buffer.from(bytes.buffer, 0, bytes.length), header);
    } catch (thrown) {
      if (this.#isClosed) return;
      this.#onFailure(reasonOf(thrown));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
    } finally {
      this.#openings.delete(key);
    }
  }

  #keep(opened: Opened, batch: Buffer, header: Buffer): void {
    header.copy(batch);
    // The CRC is not updated: nobody checks it here.
    setBatchLength(batch, 0, batch.length - LOG_OVERHEAD);
    setAttributes(batch, 0, attributes(batch, 0) & ~CODEC_MASK);
    opened.batch = batch;
    this.#keptBytes += batch.length;
    for (const each of this.#kept.values()) {
      if (this.#keptBytes <= KEPT_BYTES_MAX) return;
      if (each !== opened) this.#release(each);
    }
  }

  /** No walk is using it: a walk ends within the turn in which it began. */
  #release(opened: Opened): void {
    const { batch } = opened;
    if (batch === null) return;
    this.#keptBytes -= batch.length;
    opened.batch = null;
    if (opened.isLarge) this.#helpers.release(batch);
  }

  /** Drops the batches that nobody reads. Those that are being opened are awaited by somebody. */
  sweep(): void {
    for (const [key, opened] of this.#kept) {
      if (this.#openings.has(key) || ++opened.sweeps <= UNREAD_SWEEPS) continue;
      this.#release(opened);
      this.#kept.delete(key);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const opened of this.#kept.values()) this.#release(opened);
    this.#kept.clear();
    this.#keptBytes = 0;
  }
}

function headerOf(bytes: Buffer, at: number): Buffer {
  return Buffer.from(bytes.subarray(at, at + BATCH_HEADER_SIZE));
}

/**
 * The key holds the topic: a client that may write to one topic must not be able to make a batch
 * that passes for one of another topic.
 */
function keyOf({ topic, partition, bytes }: Stretch, at: number): string {
  const sum = crc(bytes, at);
  return `${topic}/${partition}/${baseOffset(bytes, at)}/${sum}/${sizeInBytes(bytes, at)}`;
}
