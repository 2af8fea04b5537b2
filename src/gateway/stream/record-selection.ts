import type { RecordCursor } from '../../records/record-iterator.ts';
import type { Stretch } from './frame.ts';
import type { OpenedBatches } from './opened-batches.ts';
import type { RecordFilter } from './record-filter.ts';
import { RecordWalk } from './record-walk.ts';

/** How records are thinned out, besides the filter, while a subscription is behind. */
export type Thinning =
  | { readonly kind: 'none' }
  | { readonly kind: 'conflate' }
  | { readonly kind: 'sample'; readonly every: number };

export const NO_THINNING: Thinning = { kind: 'none' };

/** Selects the records of a stretch: first the filter, then the thinning. */
export class RecordSelection {
  readonly key: string;
  readonly #filter: RecordFilter | null;
  readonly #thinning: Thinning;
  readonly #lastOfKey = new Map<string, number>();
  #walk: RecordWalk | null = null;
  #end = Number.POSITIVE_INFINITY;

  constructor(filter: RecordFilter | null, thinning: Thinning) {
    this.key = JSON.stringify([filter?.key ?? '', thinning]);
    this.#filter = filter;
    this.#thinning = thinning;
  }

  get takesAll(): boolean {
    return this.#filter === null && this.#thinning.kind === 'none';
  }

  /** Reads the stretch ahead if later records decide which earlier ones are kept. */
  prepare(batches: OpenedBatches, stretch: Stretch): void {
    if (this.#thinning.kind !== 'conflate') return;
    this.#lastOfKey.clear();
    this.#walk ??= new RecordWalk(batches);
    const walk = this.#walk;
    walk.run(stretch, (record) => {
      if (record.keyStart >= 0 && this.#passesFilter(record)) {
        this.#lastOfKey.set(keyText(record), record.offset);
      }
      return true;
    });
    this.#end = walk.isCut && walk.damagedTo < 0 ? walk.next : Number.POSITIVE_INFINITY;
  }

  /** Whether the record lies behind what was read ahead. */
  endsBefore(record: RecordCursor): boolean {
    return record.offset >= this.#end;
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
