import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { required } from '#millrace/client/admin/outcome';
import { Consumer } from '#millrace/client/consumer/consumer';
import type { KafkaError } from '#millrace/client/errors/kafka-error';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { int64 } from '#millrace/streams/serde/numbers';
import { until } from '../../support/until.ts';
import { readToEnds } from './read-to-ends.mjs';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: int64 });

/** The changelog of what `counting` keeps. */
export const CHANGELOG = 'app-counts-changelog';
export const GUARANTEES = ['at_least_once', 'exactly_once_v2'] as const;

/** Counts the records of each key, and writes each count; over a repartition topic if asked to. */
export function counting(bootstrapServers: string, more: object = {}, repartitions = false) {
  const errors: KafkaError[] = [];
  const builder = new StreamsBuilder();
  const stream = builder.stream(input);
  const grouped = repartitions
    ? stream.selectKey((_, key) => key, { name: 'again' }).groupByKey({ key: text, value: text })
    : stream.groupByKey();
  grouped.count({ as: 'counts' }).toStream().to(output);
  const app = new Streams(builder, {
    bootstrapServers,
    applicationId: 'app',
    groupProtocol: 'classic',
    commitIntervalMs: 20,
    statestoreCacheMaxBytes: 0,
    onError: (error: KafkaError) => errors.push(error),
    ...more,
    consumer: { heartbeatIntervalMs: 100, ...(more as { consumer?: object }).consumer },
  } as never);
  return { app, errors };
}

/** Each of ten keys gets a tenth of them. */
export async function send(broker: EmbeddedBroker, count: number, value = 'v'): Promise<void> {
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  for (let i = 0; i < count; i++) producer.send(input, { key: `k${i % 10}`, value });
  await producer.flush();
}

/** All counts of each key in their order, for a reader of committed records. */
export async function counted(
  broker: EmbeddedBroker,
  partitions = 1,
): Promise<Map<string, number[]>> {
  const all = new Map<string, number[]>();
  const { bootstrapServers } = broker;
  await using consumer = new Consumer<string, number>({
    bootstrapServers,
    isolationLevel: 'read_committed',
    autoOffsetReset: 'earliest',
  });
  const places = Array.from({ length: partitions }, (_, partition) => {
    return { topic: 'output', partition };
  });
  consumer.assign(places, [output]);
  await readToEnds(consumer, places, ({ key, value }: { key: string; value: number }) => {
    const counts = all.get(key);
    if (counts === undefined) all.set(key, [value]);
    else counts.push(value);
  });
  return new Map([...all].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** All ten keys have been counted so far. */
export async function untilCounted(
  broker: EmbeddedBroker,
  count: number,
  partitions = 1,
): Promise<void> {
  await until(`each key is counted to ${count}`, async () => {
    const all = await counted(broker, partitions);
    return all.size === 10 && [...all.values()].every((counts) => counts.at(-1) === count);
  });
}

/** Of each of ten keys: 1, 2, 3 and so on, without a gap and without a repetition. */
export function allUpTo(count: number): Map<string, number[]> {
  const counts = Array.from({ length: count }, (_, i) => i + 1);
  return new Map(Array.from({ length: 10 }, (_, i) => [`k${i}`, counts]));
}

/** What the application has committed of its input, and the first and last offset of a topic. */
export async function progress(broker: EmbeddedBroker, name: string, partition = 0) {
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const listed = required((await admin.groupOffsets.list(['app'])).get('app'));
  // A partition is asked about once a call.
  const [first] = await admin.records.offsets([{ topic: name, partition, at: 'earliest' }]);
  const [last] = await admin.records.offsets([{ topic: name, partition, at: 'latest' }]);
  const isOf = (each: { topic: string; partition: number }) =>
    each.topic === name && each.partition === partition;
  return {
    committed: listed.find(isOf)?.offset ?? -1,
    first: required(first!.outcome).offset,
    last: required(last!.outcome).offset,
  };
}
