import type { NodeContext } from './node-context.ts';
import type { Receiver } from './receiver.ts';

/** What a node does with its records. A task makes one for itself by the node's factory. */
export interface NodeProcessor<K = unknown, V = unknown> extends Receiver<K, V> {
  /** Called once, when all stores of the task are open and restored, parents before children. */
  open(context: NodeContext): void;
  /** Stream time has gone on without a record: nothing came for long. */
  advance?(streamTime: number): void;
  /** Called once, children after parents, while the stores are still open. */
  close?(): void;
}
