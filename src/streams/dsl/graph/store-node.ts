import type { StoreSpec } from '../../topology/store-spec.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { GraphNode } from './graph-node.ts';

/** A store that processors of the program connect to. */
export class StoreNode extends GraphNode {
  readonly #store: StoreSpec;

  constructor(store: StoreSpec) {
    super(store.name);
    this.#store = store;
  }

  override write(builder: TopologyBuilder): void {
    builder.addStore(this.#store);
  }
}
