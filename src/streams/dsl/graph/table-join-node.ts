import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { GraphNode } from './graph-node.ts';

/** One side of a table-table join. */
export interface TableJoinSide {
  readonly name: string;
  readonly maker: ProcessorMaker;
  /** The node of the side's own table, as the topology and as the graph name it. */
  readonly parent: string;
  readonly graphParent: string;
  /** Stores of the other side, which this side looks into. */
  readonly otherStores: readonly string[];
  useVersionedSemantics(): void;
}

/** A table-table join: a processor for each side, and one that merges their results. */
export class TableJoinNode extends GraphNode {
  readonly #sides: readonly [TableJoinSide, TableJoinSide];
  readonly #merge: ProcessorMaker;

  constructor(name: string, sides: readonly [TableJoinSide, TableJoinSide], merge: ProcessorMaker) {
    super(name);
    this.#sides = sides;
    this.#merge = merge;
  }

  override useVersionedSemantics(parent: string): void {
    for (const side of this.#sides) if (side.graphParent === parent) side.useVersionedSemantics();
  }

  override write(builder: TopologyBuilder): void {
    for (const { name, maker, parent } of this.#sides) builder.addProcessor(name, maker, [parent]);
    builder.addProcessor(
      this.name,
      this.#merge,
      this.#sides.map(({ name }) => name),
    );
    for (const { name, otherStores } of this.#sides) builder.connect(name, otherStores);
  }
}
