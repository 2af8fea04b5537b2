/** A store whose old rows may still be wanted by who gives their results on. */
export interface GradualStore {
  /**
   * Rows of this time and later ones have not been given yet: they stay, and are given bit by bit,
   * though they are older than the retention. All other readers do not see them.
   */
  holdFrom(time: number): void;
}

/** Entries of a store in order, made ready bit by bit, so that no call takes long. */
export interface GradualEntries<T> {
  /** Null where there is more to be done before the next entry; undefined behind the last one. */
  next(): T | null | undefined;
}
