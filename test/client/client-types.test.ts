import { expect, expectTypeOf, it } from 'vitest';
import type { Admin, Consumer, Producer } from '../../src/client/index.ts';

declare const producer: Producer;
declare const consumer: Consumer<string, { readonly id: number }>;
declare const admin: Admin;

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

it('does not compile wrong calls of consumers, admins and metrics', () => {
  expect(wrongCalls).toBeTypeOf('function');
});
