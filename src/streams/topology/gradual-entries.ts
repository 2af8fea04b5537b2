/** Entries of a store in order, made ready bit by bit, so that no call takes long. */
export interface GradualEntries<T> {
  /** Null where there is more to be done before the next entry; undefined behind the last one. */
  next(): T | null | undefined;
}
