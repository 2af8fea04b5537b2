import {
  baseTimestamp,
  hasDeleteHorizon,
  isControl,
  lastOffset,
  NO_TIMESTAMP,
  recordCount,
} from '../../records/batch-layout.ts';
import { filterBatch } from '../../records/batch-rewriter.ts';
import { RecordCursor } from '../../records/record-iterator.ts';
import type { AbortedTransaction } from '../transactions/aborted-transaction.ts';
import type { KeyMap } from './key-map.ts';
import type { TransactionFilter } from './transaction-filter.ts';

/** Decides about each record of a batch, and rebuilds the batch only where a record goes. */
export class BatchCleaner {
  /** The transaction of the last abort marker, while records need the marker. Null otherwise. */
  neededAbort: AbortedTransaction | null = null;
  readonly #keys: KeyMap;
  readonly #transactions: TransactionFilter;
  /** Records from here on are not in the key map: they stay. */
  readonly #mappedTo: number;
  readonly #wallMs: number;
  readonly #deleteRetentionMs: number;
  readonly #cursor = new RecordCursor();

  constructor(
    keys: KeyMap,
    transactions: TransactionFilter,
    mappedTo: number,
    wallMs: number,
    deleteRetentionMs: number,
  ) {
    this.#keys = keys;
    this.#transactions = transactions;
    this.#mappedTo = mappedTo;
    this.#wallMs = wallMs;
    this.#deleteRetentionMs = deleteRetentionMs;
  }

  /** The batch as it is to be stored; null where nothing of it stays. */
  clean(bytes: Buffer, at: number, size: number, keepsEmpty: boolean): Buffer | null {
    this.neededAbort = null;
    const whole = bytes.subarray(at, at + size);
    if (isControl(bytes, at)) return this.#cleanMarker(whole, keepsEmpty);
    if (this.#transactions.isAborted(bytes, at)) return keepsEmpty ? emptied(whole) : null;
    if (lastOffset(bytes, at) >= this.#mappedTo) return whole;
    const marked = hasDeleteHorizon(bytes, at);
    const dropsTombstones = marked && baseTimestamp(bytes, at) <= this.#wallMs;
    const { kept, tombstones } = this.#count(bytes, at, dropsTombstones);
    if (kept === 0 && !keepsEmpty) return null;
    const horizon = tombstones > 0 && !marked ? this.#newHorizonMs : NO_TIMESTAMP;
    if (kept === recordCount(bytes, at) && horizon === NO_TIMESTAMP) return whole;
    const keep = (cursor: RecordCursor): boolean => this.#stays(cursor, dropsTombstones);
    return filterBatch(bytes, at, keep, horizon);
  }

  /**
   * A marker that no record needs is kept for as long as a tombstone, counted from when that was
   * first seen: a reader may be amidst its transaction.
   */
  #cleanMarker(marker: Buffer, keepsEmpty: boolean): Buffer | null {
    const isSpent = this.#transactions.isSpent(marker, 0);
    this.neededAbort = this.#transactions.needed;
    if (!isSpent) return marker;
    if (recordCount(marker, 0) === 0) return keepsEmpty ? marker : null;
    if (!hasDeleteHorizon(marker, 0)) return filterBatch(marker, 0, all, this.#newHorizonMs);
    if (baseTimestamp(marker, 0) > this.#wallMs) return marker;
    return keepsEmpty ? emptied(marker) : null;
  }

  get #newHorizonMs(): number {
    return this.#wallMs + this.#deleteRetentionMs;
  }

  #count(bytes: Buffer, at: number, dropsTombstones: boolean) {
    const cursor = this.#cursor;
    let kept = 0;
    let tombstones = 0;
    cursor.open(bytes, at);
    while (cursor.next()) {
      if (!this.#stays(cursor, dropsTombstones)) continue;
      kept++;
      if (cursor.valueEnd < 0) tombstones++;
    }
    return { kept, tombstones };
  }

  #stays(cursor: RecordCursor, dropsTombstones: boolean): boolean {
    const key = cursor.key();
    if (key === null) return false;
    const newest = this.#keys.newestOffset(key);
    if (newest > cursor.offset) return false;
    return cursor.valueEnd >= 0 || !dropsTombstones;
  }
}

function all(): boolean {
  return true;
}

function none(): boolean {
  return false;
}

function emptied(batch: Buffer): Buffer {
  return filterBatch(batch, 0, none);
}
