import { expect, expectTypeOf, it } from 'vitest';
import type {
  Admin,
  Consumer,
  ConsumerOptions,
  KafkaError,
  Producer,
  ShareConsumer,
  ShareConsumerOptions,
  Topic,
  transact,
} from '../../src/client/index.ts';

declare const producer: Producer;
declare const consumer: Consumer<string, { readonly id: number }>;
declare const admin: Admin;
declare const queue: ShareConsumer<string, { readonly id: number }>;
declare const orders: Topic<string, { readonly id: number }>;
declare const runTransactions: typeof transact;

/** Never called: `npm run types` says whether each line compiles as it should. */
async function wrongCalls(): Promise<void> {
  const { client, topics, partitions } = consumer.metrics.snapshot();
  expectTypeOf(client['records-lag-max']).toEqualTypeOf<number>();
  expectTypeOf(topics.a!['records-consumed-rate']).toEqualTypeOf<number>();
  expectTypeOf(partitions['a-0']!['records-lag']).toEqualTypeOf<number>();
  // @ts-expect-error the producer has this metric
  client['record-send-rate'];
  // @ts-expect-error there is no poll-rate in Kafka
  client['poll-rate'];
  // @ts-expect-error the lag is a metric of partitions
  topics.a!['records-lag'];
  // @ts-expect-error a producer has no partitions of its own
  producer.metrics.snapshot().partitions['a-0']!['records-lag'];
  // @ts-expect-error an admin sends no records
  admin.metrics.snapshot().client['record-send-rate'];
  // @ts-expect-error an offset is a number
  consumer.seek({ topic: 'a', partition: 0 }, '5');
  // @ts-expect-error a partition has a topic
  consumer.pause([{ partition: 0 }]);
  // @ts-expect-error there is nothing to call for each record
  await consumer.run({ concurrency: 4 });
  // @ts-expect-error the order is partition, key or none
  await consumer.run({ eachRecord: () => undefined, order: 'topic' });
  for await (const { key, value } of consumer) {
    expectTypeOf(key).toEqualTypeOf<string>();
    expectTypeOf(value.id).toEqualTypeOf<number>();
    // @ts-expect-error the type of the topic has no such field
    value.name;
  }
}

/** As above: what an administrator and the member of a queue may not write. */
async function moreWrongCalls(): Promise<void> {
  const made = (await admin.topics.create([{ name: 'a' }])).get('a');
  // @ts-expect-error it may be the error of this topic
  made.partitions;
  expectTypeOf(made).toExtend<KafkaError | { readonly partitions: number } | undefined>();
  // @ts-expect-error a topic to be made has a name
  await admin.topics.create([{ partitions: 3 }]);
  // @ts-expect-error there is no such operation
  await admin.acls.describe({ operation: 'peek' });
  // @ts-expect-error the time of a call is a number
  await admin.groups.list({}, { timeoutMs: '5s' });
  const [record] = await queue.poll();
  expectTypeOf(record!.value.id).toEqualTypeOf<number>();
  // @ts-expect-error what is said of a record has no argument
  record!.accept(true);
  // @ts-expect-error a record of a queue is not committed by its offset
  queue.commit([{ topic: 'a', partition: 0, offset: 1 }]);
  // @ts-expect-error a share group has no pattern of topics
  queue.subscribe([/a/]);
  // @ts-expect-error a share consumer is of a group
  const withoutGroup: ShareConsumerOptions = { bootstrapServers: 'a:1' };
  // @ts-expect-error the ways to acknowledge are implicit and explicit
  const manual: ShareConsumerOptions['shareAcknowledgementMode'] = 'manual';
  // @ts-expect-error there are two group protocols
  const protocol: ConsumerOptions['groupProtocol'] = 'share';
  // @ts-expect-error a duration comes behind by_duration
  const reset: ConsumerOptions['autoOffsetReset'] = 'PT1H';
  // @ts-expect-error a transaction writes with a producer
  await runTransactions({ from: consumer }, () => undefined);
  await runTransactions({ from: consumer, into: producer }, (batch, tx) => {
    for (const { key, value } of batch) tx.send(orders, { key, value });
    // @ts-expect-error the topic has another type of values
    tx.send(orders, { key: 'k', value: { id: '1' } });
  });
  expectTypeOf([withoutGroup, manual, protocol, reset]).toBeArray();
}

it('does not compile wrong calls of consumers, admins and metrics', () => {
  expect(wrongCalls).toBeTypeOf('function');
  expect(moreWrongCalls).toBeTypeOf('function');
});
