/** An update of a table between two nodes: what is valid now, and what was before. */
export interface Change<V> {
  readonly newValue: V | null;
  /** Null too where nobody asked for old values. */
  readonly oldValue: V | null;
  /** False for an out-of-order update of a versioned table, which changes only its history. */
  readonly isLatest: boolean;
}
