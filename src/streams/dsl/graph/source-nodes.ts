import type { ProcessorMaker, SourceSettings } from '../../topology/node-definitions.ts';
import type { StoreSpec } from '../../topology/store-spec.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { TopologyError } from '../../topology/topology-error.ts';
import { GraphNode } from './graph-node.ts';

/** Reads a stream. Two of the same topics become one when the topology is built. */
export class StreamSourceNode extends GraphNode {
  readonly topics: readonly string[] | RegExp;
  readonly #settings: SourceSettings;

  constructor(name: string, topics: readonly string[] | RegExp, settings: SourceSettings) {
    super(name);
    this.topics = topics instanceof RegExp ? topics : [...new Set(topics)];
    this.#settings = settings;
  }

  /** Takes over the children of another source of the same topics. */
  merge(other: StreamSourceNode): void {
    if (resetText(this.#settings) !== resetText(other.#settings)) {
      const what = "Can't configure different offset reset policies on the same input topic(s)";
      throw new TopologyError(`${what} ${this.topics}.`);
    }
    for (const child of [...other.children]) {
      other.removeChild(child);
      this.addChild(child);
    }
  }

  override write(builder: TopologyBuilder): void {
    builder.addSource(this.name, this.topics, this.#settings);
  }
}

function resetText({ reset }: SourceSettings): string {
  return JSON.stringify(reset ?? null);
}

/** A maker of the processor that keeps a table, whose store may be needed or not. */
interface TableMaker extends ProcessorMaker {
  readonly stores: readonly StoreSpec[];
}

/** Reads a topic as a table: a source, and the processor that keeps the table's store. */
export class TableSourceNode extends GraphNode {
  reusesSourceTopic = false;
  readonly #topic: string;
  readonly #sourceName: string;
  readonly #settings: SourceSettings;
  readonly #maker: TableMaker;

  constructor(
    name: string,
    sourceName: string,
    topic: string,
    settings: SourceSettings,
    maker: TableMaker,
  ) {
    super(name);
    this.#topic = topic;
    this.#sourceName = sourceName;
    this.#settings = settings;
    this.#maker = maker;
  }

  override write(builder: TopologyBuilder): void {
    builder.addSource(this.#sourceName, [this.#topic], this.#settings);
    const { stores } = this.#maker;
    if (!this.reusesSourceTopic || stores.length === 0) {
      builder.addProcessor(this.name, this.#maker, [this.#sourceName]);
      return;
    }
    const { async } = this.#maker;
    const maker = { make: () => this.#maker.make(), async, stores: stores.map(withoutLog) };
    builder.addProcessor(this.name, maker, [this.#sourceName]);
    for (const store of stores) builder.useSourceAsChangelog(store.name, this.#topic);
  }
}

/** Reads a topic as a global table. */
export class GlobalTableNode extends GraphNode {
  readonly #topic: string;
  readonly #sourceName: string;
  readonly #settings: SourceSettings;
  readonly #maker: ProcessorMaker;
  readonly #store: StoreSpec;
  readonly #reprocess: boolean;

  constructor(
    name: string,
    sourceName: string,
    topic: string,
    settings: SourceSettings,
    maker: ProcessorMaker,
    store: StoreSpec,
    reprocess: boolean,
  ) {
    super(name);
    this.#topic = topic;
    this.#sourceName = sourceName;
    this.#settings = settings;
    this.#maker = maker;
    this.#store = store;
    this.#reprocess = reprocess;
  }

  override write(builder: TopologyBuilder): void {
    builder.addGlobalStore(
      this.#sourceName,
      this.#topic,
      this.#settings,
      this.name,
      this.#maker,
      withoutLog(this.#store),
      this.#reprocess,
    );
  }
}

function withoutLog(spec: StoreSpec): StoreSpec {
  return { ...spec, logging: false };
}
