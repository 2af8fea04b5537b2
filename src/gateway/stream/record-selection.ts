import { attributes, CONTROL_FLAG, wholeBatchSize } from '../../records/batch-layout.ts';
import { RecordCursor } from '../../records/record-iterator.ts';
import { isCorrupt } from './corrupt.ts';
import type { OpenedBatches } from './opened-batches.ts';
import type { RecordFilter } from './record-filter.ts';

/** What is done with records beside the filter, when a subscription is behind. */
export type Thinning =
  | { readonly kind: 'none' }
  | { readonly kind: 'conflate' }
  | { readonly kind: 'sample'; readonly every: number };

export const NO_THINNING: Thinning = { kind: 'none' };

/** Which records of a stretch of the log go out: the filter, then the thinning. */
export class RecordSelection {
  readonly key: string;
  readonly #filter: RecordFilter | null;
  readonly #thinning: Thinning;
  readonly #lastOfKey = new Map<string, number>();

  constructor(filter: RecordFilter | null, thinning: Thinning) {
    this.key = JSON.stringify([filter?.key ?? '', thinning]);
    this.#filter = filter;
    this.#thinning = thinning;
  }

  get takesAll(): boolean {
    return this.#filter === null && this.#thinning.kind === 'none';
  }

  /** Looks the stretch through, where what is kept depends on what comes after it. */
  prepare(batches: OpenedBatches, bytes: Buffer, start: number, end: number): void {
    if (this.#thinning.kind !== 'conflate') return;
    this.#lastOfKey.clear();
    const record = new RecordCursor();
    let at = start;
    for (;;) {
      const size = wholeBatchSize(bytes, at, end);
      if (size <= 0) return;
      // Behind damage nothing goes out with what lies before it.
      if (!this.#noteKeys(batches, bytes, at, record)) return;
      at += size;
    }
  }

  /** False where the batch cannot be read. */
  #noteKeys(batches: OpenedBatches, bytes: Buffer, at: number, record: RecordCursor): boolean {
    if ((attributes(bytes, at) & CONTROL_FLAG) !== 0) return true;
    try {
      if (!batches.open(bytes, at, record)) return false;
      while (record.next()) {
        if (record.keyStart < 0 || !this.#passesFilter(record)) continue;
        this.#lastOfKey.set(keyText(record), record.offset);
      }
      return true;
    } catch (thrown) {
      if (!isCorrupt(thrown)) throw thrown;
      return false;
    }
  }

  #passesFilter(record: RecordCursor): boolean {
    return this.#filter === null || this.#filter.matches(record);
  }

  keeps(record: RecordCursor): boolean {
    if (!this.#passesFilter(record)) return false;
    const thinning = this.#thinning;
    if (thinning.kind === 'none') return true;
    if (thinning.kind === 'sample') return record.offset % thinning.every === 0;
    return record.keyStart < 0 || this.#lastOfKey.get(keyText(record)) === record.offset;
  }
}

function keyText(record: RecordCursor): string {
  return record.bytes.toString('latin1', record.keyStart, record.keyEnd);
}
