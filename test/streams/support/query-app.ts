import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { session, tumbling } from '#millrace/streams/dsl/windows';
import { Streams } from '#millrace/streams/runtime/streams';

export const orders = topic('orders', { key: text, value: text });
export const prices = topic('prices', { key: text, value: text });

/** Tables of each kind of store, over topics of three partitions. */
export function queriedTopology() {
  const builder = new StreamsBuilder();
  const grouped = builder.stream(orders).groupByKey();
  const counts = grouped.count({ as: 'counts' });
  const windowed = grouped.windowedBy(tumbling('10s', { grace: '1h' })).count({ as: 'windowed' });
  const sessions = grouped.windowedBy(session('5s', { grace: '1h' })).count({ as: 'sessions' });
  const history = builder.table(prices, { as: 'prices', history: '1h' });
  return { builder, counts, windowed, sessions, history };
}

export const STORE_NAMES = ['counts', 'prices', 'sessions', 'windowed'];

export function queriedApp(broker: EmbeddedBroker, more: object = {}): Streams {
  const { bootstrapServers } = broker;
  return new Streams(queriedTopology().builder, {
    bootstrapServers,
    applicationId: 'queried',
    commitIntervalMs: 50,
    statestoreCacheMaxBytes: 0,
    ...more,
  });
}

/** With a server that wants the token `sesame`, and the page. */
export function servedApp(broker: EmbeddedBroker): Streams {
  return queriedApp(broker, {
    applicationServer: '127.0.0.1:0',
    applicationServerToken: 'sesame',
    applicationServerPage: true,
  });
}

export interface Sent {
  readonly key: string;
  readonly timestamp: number;
}

export async function sendOrders(broker: EmbeddedBroker, sent: readonly Sent[]): Promise<void> {
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  for (const { key, timestamp } of sent) producer.send(orders, { key, value: 'v', timestamp });
  await producer.flush();
}

export async function sendPrices(
  broker: EmbeddedBroker,
  sent: readonly (Sent & { readonly value: string })[],
): Promise<void> {
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  for (const record of sent) producer.send(prices, record);
  await producer.flush();
}
