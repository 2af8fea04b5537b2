import type { ValueView } from './tables/value-view.ts';

/** A table that every instance holds whole. Streams join it by any key. */
export class GlobalTable<K, V> {
  /** Under which it can be queried; undefined where it was not named. */
  readonly storeName: string | undefined;
  /** Types only. */
  declare readonly types: readonly [key: K, value: V];
  /**
   * How joins look into it.
   * @internal
   */
  readonly view: ValueView;

  /** @internal */
  constructor(view: ValueView, storeName: string | undefined) {
    this.view = view;
    this.storeName = storeName;
  }
}
