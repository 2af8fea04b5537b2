import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { TopologyError } from '../../topology/topology-error.ts';
import { GraphNode } from './graph-node.ts';

/** A join of a stream with a table or, without stores of its own, with a global table. */
export class StreamTableJoinNode extends GraphNode {
  readonly #maker: ProcessorMaker;
  readonly #stores: readonly string[];
  readonly #graceMs: number | undefined;

  constructor(
    name: string,
    maker: ProcessorMaker,
    stores: readonly string[],
    graceMs: number | undefined,
  ) {
    super(name);
    this.#maker = maker;
    this.#stores = stores;
    this.#graceMs = graceMs;
  }

  override write(builder: TopologyBuilder): void {
    builder.addProcessor(this.name, this.#maker, this.parentNames);
    builder.connect(this.name, this.#stores);
    if (this.#graceMs === undefined) return;
    for (const name of this.#stores) {
      const store = builder.stores.get(name);
      if (store?.kind !== 'versioned') {
        throw new TopologyError(`${this.name} has a grace period, so its table must be versioned.`);
      }
      if (this.#graceMs > store.historyMs) {
        throw new TopologyError(`${this.name} has a grace period longer than ${name}'s history.`);
      }
    }
  }
}
