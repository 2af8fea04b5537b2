import type { SinkSettings } from '../../topology/node-definitions.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import type { TopicChooser } from '../../topology/topology-plan.ts';
import { GraphNode } from './graph-node.ts';

/** Writes to a topic. */
export class SinkNode extends GraphNode {
  readonly #topic: string | TopicChooser;
  readonly #settings: SinkSettings;

  constructor(name: string, topic: string | TopicChooser, settings: SinkSettings) {
    super(name);
    this.#topic = topic;
    this.#settings = settings;
  }

  override write(builder: TopologyBuilder): void {
    builder.addSink(this.name, this.#topic, this.#settings, this.parentNames);
  }
}
