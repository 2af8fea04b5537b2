import type { AnySerde, KeyValueSpec } from '../topology/store-spec.ts';
import type { StreamPartitioner } from '../topology/topology-plan.ts';
import type { AnyTable } from './any-table.ts';
import type { Callback } from './callbacks.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import { SinkNode } from './graph/sink-node.ts';
import { StreamSourceNode } from './graph/source-nodes.ts';
import { suffixedName } from './operator-name.ts';
import type { ForeignKeyJoinOptions, TableStoreOptions } from './operator-options.ts';
import { bytesSerde } from './processors/foreign-key/bytes-serde.ts';
import { ForeignUpdates } from './processors/foreign-key/foreign-updates.ts';
import { type Response, responseSerde } from './processors/foreign-key/response.ts';
import { ResponseResolver } from './processors/foreign-key/response-resolver.ts';
import { subscriptionSerde } from './processors/foreign-key/subscription.ts';
import { SubscriptionJoin } from './processors/foreign-key/subscription-join.ts';
import { SubscriptionReceiver } from './processors/foreign-key/subscription-receiver.ts';
import { SubscriptionSender } from './processors/foreign-key/subscription-sender.ts';
import type { AnyJoiner } from './processors/stream-table-join.ts';
import { TableSource } from './processors/table-source.ts';
import type { Serdes } from './serdes.ts';
import { required, storeName, storeSettings, tableSpec } from './store-specs.ts';
import type { TableParts } from './table-parts.ts';

const REGISTRATION = 'KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-';
const SINK = 'KTABLE-SINK-';
const SOURCE = 'KTABLE-SOURCE-';
const PROCESSOR = 'KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-';
const RESPONSE = 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-';
const RESOLVER = 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR-';
const STORE = 'KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE-';
const OUTPUT = 'KTABLE-FK-JOIN-OUTPUT-';

type Options = ForeignKeyJoinOptions & TableStoreOptions & Serdes & { readonly isLeft: boolean };

/**
 * Each row subscribes at the foreign table's partition to the row that it names. Both a
 * subscription and an update of a foreign row send an answer back, and the row is joined with it if
 * it has not changed since.
 */
export function joinForeignKey(
  table: AnyTable,
  foreign: AnyTable,
  foreignKey: Callback<unknown, unknown, unknown>,
  joiner: AnyJoiner,
  options: Options,
): TableParts {
  return new ForeignKeyJoin(table, foreign, options).build(foreignKey, joiner);
}

class ForeignKeyJoin {
  readonly #table: AnyTable;
  readonly #foreign: AnyTable;
  readonly #options: Options;
  readonly #key: AnySerde;
  readonly #foreignKey: AnySerde;
  readonly #value: AnySerde;
  readonly #foreignValue: AnySerde;

  constructor(table: AnyTable, foreign: AnyTable, options: Options) {
    foreign.own.sendOldValues(true);
    table.own.sendOldValues(true);
    const where = 'A foreign-key join';
    this.#table = table;
    this.#foreign = foreign;
    this.#options = options;
    this.#key = required(table.parts.key, 'keys', where);
    this.#value = required(table.parts.value, 'values', where);
    this.#foreignKey = required(foreign.parts.key, 'keys of the other table', where);
    this.#foreignValue = required(foreign.parts.value, 'values of the other table', where);
  }

  build(foreignKey: Callback<unknown, unknown, unknown>, joiner: AnyJoiner): TableParts {
    const { graph } = this.#table.parts;
    const registration = this.#subscribe(foreignKey);
    const answers = this.#answer(registration);
    const { isLeft } = this.#options;
    const { source: responses, sources } = this.#respond(answers);
    const view = this.#table.own.view();
    const resolver = new ProcessorNode(
      this.#name('-subscription-response-resolver', RESOLVER),
      new ResponseResolver({ view, value: this.#value, joiner, isLeft }),
      { stores: view.stores },
    );
    graph.add(responses, resolver);
    return this.#result(resolver, sources);
  }

  /** From this table to the topic of subscriptions; returns the source that reads it. */
  #subscribe(foreignKey: Callback<unknown, unknown, unknown>): StreamSourceNode {
    const { graph, node } = this.#table.parts;
    const topic = `${this.#name('-subscription-registration', REGISTRATION)}-topic`;
    graph.builder.addInternalTopic(topic, undefined);
    const sender = new SubscriptionSender({
      topic,
      foreignKey,
      foreignKeySerde: this.#foreignKey,
      value: this.#value,
      isLeft: this.#options.isLeft,
    });
    const senderNode = new ProcessorNode(
      this.#name('-subscription-registration-processor', REGISTRATION),
      sender,
      { useVersionedSemantics: () => sender.useVersionedSemantics() },
    );
    graph.add(node, senderNode);
    const settings = { key: this.#foreignKey, value: subscriptionSerde(this.#key) };
    const partitioner = byKeyOnly(this.#options.otherPartitioner);
    const sinkName = this.#name('-subscription-registration-sink', SINK);
    const sink = new SinkNode(sinkName, topic, { ...settings, partitioner });
    graph.add(senderNode, sink);
    const sourceName = this.#name('-subscription-registration-source', SOURCE);
    const source = new StreamSourceNode(sourceName, [topic], settings);
    graph.add(sink, source);
    graph.builder.copartition([...this.#foreign.parts.sources, sourceName]);
    return source;
  }

  /** At the foreign table: keeps the subscriptions, and answers them and each update. */
  #answer(registration: StreamSourceNode): ProcessorNode[] {
    const { graph } = this.#foreign.parts;
    const keys = { foreign: this.#foreignKey, primary: this.#key };
    const spec: KeyValueSpec = {
      kind: 'key-value',
      timestamped: true,
      ...storeSettings(this.#name('-subscription-store', STORE), { caching: false }),
      logsHeaders: true,
      key: bytesSerde,
      value: subscriptionSerde(this.#key),
    };
    const receiver = new ProcessorNode(
      this.#name('-subscription-receive', PROCESSOR),
      new SubscriptionReceiver(spec, keys),
    );
    graph.add(registration, receiver);
    const view = this.#foreign.own.view();
    const join = new ProcessorNode(
      this.#name('-subscription-join-foreign', PROCESSOR),
      new SubscriptionJoin(view),
      { stores: view.stores },
    );
    graph.add(receiver, join);
    const updates = new ForeignUpdates(spec, keys);
    const updatesNode = new ProcessorNode(
      this.#name('-foreign-join-subscription', PROCESSOR),
      updates,
      { useVersionedSemantics: () => updates.useVersionedSemantics() },
    );
    graph.add(this.#foreign.parts.node, updatesNode);
    return [join, updatesNode];
  }

  /** The topic of answers, and the source that reads it beside this table. */
  #respond(answers: readonly ProcessorNode[]) {
    const { graph, sources: own } = this.#table.parts;
    const topic = `${this.#name('-subscription-response', RESPONSE)}-topic`;
    graph.builder.addInternalTopic(topic, undefined);
    const settings = { key: this.#key, value: responseSerde(this.#foreignValue) };
    const partitioner = byKeyOnly(this.#options.partitioner) ?? toPrimaryPartition;
    const sinkName = this.#name('-subscription-response-sink', SINK);
    const sink = new SinkNode(sinkName, topic, { ...settings, partitioner });
    for (const node of answers) graph.add(node, sink);
    const sourceName = this.#name('-subscription-response-source', SOURCE);
    const source = new StreamSourceNode(sourceName, [topic], settings);
    graph.add(sink, source);
    const sources = new Set([...own, sourceName]);
    graph.builder.copartition(sources);
    return { source, sources };
  }

  #result(resolver: ProcessorNode, sources: ReadonlySet<string>): TableParts {
    const { graph } = this.#table.parts;
    const options = this.#options;
    const name = this.#name('-result', OUTPUT);
    const store = storeName(graph, options, OUTPUT);
    const key = options.key ?? this.#key;
    const value = options.value ?? graph.defaults.value;
    const maker = new TableSource(
      () => tableSpec(store.name, key, value, options),
      store.given !== undefined,
    );
    const node = new ProcessorNode(name, maker);
    node.outputVersioned = options.history !== undefined;
    graph.add(resolver, node);
    return {
      graph,
      node,
      name,
      key,
      value,
      sources,
      isMoved: false,
      maker,
      storeName: store.given,
    };
  }

  #name(suffix: string, prefix: string): string {
    return suffixedName(this.#table.parts.graph, this.#options.name, suffix, prefix);
  }
}

/** Answers go to the partition that the subscription came from. */
const toPrimaryPartition: StreamPartitioner = (_topic, _key, value) => {
  const { primaryPartition } = value as Response;
  return primaryPartition === null ? undefined : [primaryPartition];
};

/** The program's partitioner sees the key only: the value is not one of its own. */
function byKeyOnly(partitioner: StreamPartitioner | undefined): StreamPartitioner | undefined {
  if (partitioner === undefined) return undefined;
  return (topic, key, _value, partitions) => partitioner(topic, key, null, partitions);
}
