import type { TaskView } from './processor.ts';
import type { StoreSpec } from './store-spec.ts';

/** One task's transformer of a table's rows. It may read stores, but not forward. */
export interface ValueTransformer<K, V, V2> {
  /** Called once before the first row. */
  init?(context: TaskView): void;
  /** The new value of a row; `value` is null where the row is gone. */
  transform(key: K, value: V | null): V2 | null;
  /** Called once after the last row. */
  close?(): void;
}

/** Makes a transformer for each task, and one more for each node that looks into the table. */
export interface ValueTransformerSupplier<K, V, V2> {
  /** A new transformer at each call. */
  get(): ValueTransformer<K, V, V2>;
  /** Added and connected with the operator. */
  readonly stores?: readonly StoreSpec[] | undefined;
}
