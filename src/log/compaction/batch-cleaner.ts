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
import type { KeyMap } from './key-map.ts';

/** Decides about each record of a batch, and rebuilds the batch only where a record goes. */
export class BatchCleaner {
  readonly #keys: KeyMap;
  /** Records from here on are not in the key map: they stay. */
  readonly #mappedTo: number;
  readonly #wallMs: number;
  readonly #deleteRetentionMs: number;
  readonly #cursor = new RecordCursor();

  constructor(keys: KeyMap, mappedTo: number, wallMs: number, deleteRetentionMs: number) {
    this.#keys = keys;
    this.#mappedTo = mappedTo;
    this.#wallMs = wallMs;
    this.#deleteRetentionMs = deleteRetentionMs;
  }

  /** The batch as it is to be stored; null where nothing of it stays. */
  clean(bytes: Buffer, at: number, size: number, keepsEmpty: boolean): Buffer | null {
    const whole = bytes.subarray(at, at + size);
    if (isControl(bytes, at) || lastOffset(bytes, at) >= this.#mappedTo) return whole;
    const marked = hasDeleteHorizon(bytes, at);
    const dropsTombstones = marked && baseTimestamp(bytes, at) < this.#wallMs;
    const { kept, tombstones } = this.#count(bytes, at, dropsTombstones);
    if (kept === 0 && !keepsEmpty) return null;
    const horizon =
      tombstones > 0 && !marked ? this.#wallMs + this.#deleteRetentionMs : NO_TIMESTAMP;
    if (kept === recordCount(bytes, at) && horizon === NO_TIMESTAMP) return whole;
    const keep = (cursor: RecordCursor): boolean => this.#stays(cursor, dropsTombstones);
    return filterBatch(bytes, at, keep, horizon);
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
