import type { TopologyBuilder } from '../../topology/topology-builder.ts';

/**
 * One operator call of the DSL. Nodes are only written to the topology when it is built, so that
 * the optimisations can move them before.
 */
export abstract class GraphNode {
  readonly name: string;
  readonly parents = new Set<GraphNode>();
  readonly children = new Set<GraphNode>();
  isKeyChanging = false;
  isValueChanging = false;
  isMerge = false;
  isWritten = false;
  /** Counts up with each node; nodes are written in this order. */
  buildPriority = 0;
  /** Whether the output is a versioned table; undefined where that depends on the parents. */
  outputVersioned: boolean | undefined;
  /** A left or outer join, which keeps records without a key: no filter may drop them before. */
  keepsNullKeys = false;

  constructor(name: string) {
    this.name = name;
  }

  abstract write(builder: TopologyBuilder): void;

  /** Called for table operators whose parent's output turns out to be versioned. */
  useVersionedSemantics?(parent: string): void;

  get parentNames(): string[] {
    return Array.from(this.parents, ({ name }) => name);
  }

  addChild(child: GraphNode): void {
    this.children.add(child);
    child.parents.add(this);
  }

  removeChild(child: GraphNode): void {
    this.children.delete(child);
    child.parents.delete(this);
  }

  clearChildren(): void {
    for (const child of this.children) child.parents.delete(this);
    this.children.clear();
  }
}
