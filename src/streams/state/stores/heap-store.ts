import type { StoreSettings } from '../../topology/store-spec.ts';
import { RowHeap } from '../engine/row-heap.ts';
import type { StoreEnvironment } from './store-environment.ts';
import { TableStore } from './table-store.ts';

/** A store whose rows leave in an order. The order is made again after all that goes past it. */
export abstract class HeapStore extends TableStore {
  readonly #heap: RowHeap;
  #isMade = false;

  constructor(
    settings: StoreSettings & { readonly kind: string },
    environment: StoreEnvironment,
    isStamped: boolean,
  ) {
    super(settings, environment, isStamped);
    this.#heap = new RowHeap((one, other) => this.compare(one, other));
  }

  get count(): number {
    return this.table.count;
  }

  override revert(): void {
    super.revert();
    this.#isMade = false;
  }

  override loaded(streamTime: number): void {
    super.loaded(streamTime);
    this.#isMade = false;
  }

  override clear(): void {
    super.clear();
    this.#heap.clear();
    this.#isMade = false;
  }

  protected abstract compare(one: number, other: number): number;

  /** The row that leaves first; -1 without one. */
  protected firstRow(): number {
    const heap = this.#ordered();
    return heap.length === 0 ? -1 : heap.first;
  }

  /** Takes the first row out as part of the open transaction. */
  protected removeFirst(): void {
    const heap = this.#ordered();
    this.table.unset(heap.first);
    heap.pop();
  }

  /** A row that had no value got one. */
  protected entered(row: number): void {
    if (this.#isMade) this.#heap.push(row);
  }

  protected forgetOrder(): void {
    this.#isMade = false;
  }

  #ordered(): RowHeap {
    if (this.#isMade) return this.#heap;
    this.#heap.clear();
    for (let row = 0; row < this.table.rowsEnd; row++) {
      if (this.table.isLive(row)) this.#heap.push(row);
    }
    this.#isMade = true;
    return this.#heap;
  }
}
