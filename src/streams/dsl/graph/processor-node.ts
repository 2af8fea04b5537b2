import type { ProcessorMaker } from '../../topology/node-definitions.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { GraphNode } from './graph-node.ts';

/** What a processor's node has besides its maker. */
export interface ProcessorNodeSettings {
  /** Stores of other nodes that it reads. */
  readonly stores?: readonly string[];
  /** How long after its end a window of the output still changes. */
  readonly graceMs?: number;
  /** Of a table operator that must drop out-of-order updates of versioned parents. */
  readonly useVersionedSemantics?: () => void;
  /** Whether updates are held back, which needs a table that is not versioned. */
  readonly isSuppress?: boolean;
}

/** A node that runs one processor. */
export class ProcessorNode extends GraphNode {
  readonly settings: ProcessorNodeSettings;
  readonly #maker: ProcessorMaker;

  constructor(name: string, maker: ProcessorMaker, settings: ProcessorNodeSettings = {}) {
    super(name);
    this.#maker = maker;
    this.settings = settings;
  }

  override useVersionedSemantics(_parent: string): void {
    this.settings.useVersionedSemantics?.();
  }

  override write(builder: TopologyBuilder): void {
    builder.addProcessor(this.name, this.#maker, this.parentNames);
    builder.connect(this.name, this.settings.stores ?? []);
  }
}
