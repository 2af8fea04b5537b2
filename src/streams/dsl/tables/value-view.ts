import type { NodeContext } from '../../topology/node-context.ts';

/** Looks up a table's current values, wherever they are kept or computed from. */
export interface ValueGetter<K = unknown, V = unknown> {
  open(context: NodeContext): void;
  /** Null without a value. */
  get(key: K): V | null;
  /** What was valid then; only of versioned tables. */
  getAsOf(key: K, asOf: number): V | null;
  /** Of the value that the last call gave; -1 where it gave none. */
  readonly foundTimestamp: number;
  readonly isVersioned: boolean;
}

/** How other nodes look into a table. */
export interface ValueView<K = unknown, V = unknown> {
  make(): ValueGetter<K, V>;
  /** Stores that a node needs to be connected to for it. */
  readonly stores: readonly string[];
}
