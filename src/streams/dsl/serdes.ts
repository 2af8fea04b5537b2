import type { AnySerde } from '../topology/store-spec.ts';

/** Serdes of keys and values, as far as they are given or known. */
export interface Serdes {
  /** Of the keys. */
  readonly key?: AnySerde | undefined;
  /** Of the values. */
  readonly value?: AnySerde | undefined;
}
