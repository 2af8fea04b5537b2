import { expect, expectTypeOf, it } from 'vitest';
import type { Producer } from '../../../src/client/producer/producer.ts';
import type { ProducerOptions } from '../../../src/client/producer/producer-options.ts';
import type { TopicWriter } from '../../../src/client/producer/topic-writer.ts';
import type { SerdeInput, SerdeOutput } from '../../../src/client/serde/serde.ts';
import { json, text } from '../../../src/client/serde/serdes.ts';
import type { StandardSchema } from '../../../src/client/serde/standard-schema.ts';
import { topic } from '../../../src/client/serde/topic.ts';

declare const schema: StandardSchema<{ id: number; at: string }, { id: number; at: Date }>;
declare const producer: Producer;

/** Never called: `npm run types` says whether each line compiles as it should. */
function wrongCalls(): void {
  const orders = topic('orders', { key: text, value: json(schema) });
  producer.send(orders, { key: 'k', value: { id: 1, at: '' } });
  // @ts-expect-error the schema takes a number
  producer.send(orders, { key: 'k', value: { id: '1', at: '' } });
  // @ts-expect-error a key is text
  producer.send(orders, { key: 7, value: { id: 1, at: '' } });
  // @ts-expect-error a record has a value, null for a tombstone where the type allows it
  producer.send(orders, { key: 'k' });
  // @ts-expect-error there is no such field
  producer.send(orders, { value: { id: 1, at: '' }, offset: 1 });
  // @ts-expect-error a topic, not its name
  producer.send('orders', { value: 'x' });
  const out = producer.to(orders);
  out.enqueue('k', { id: 1, at: '' });
  // @ts-expect-error what the schema gives is not what it takes
  out.enqueue('k', { id: 1, at: new Date() });
  // @ts-expect-error headers are text, bytes or null
  out.enqueue('k', { id: 1, at: '' }, { a: 1 });
  // @ts-expect-error the bootstrap servers are missing
  const missing: ProducerOptions = { 'linger.ms': 5 };
  // @ts-expect-error a time is a number
  const wrong: ProducerOptions = { bootstrapServers: 'a:1', 'linger.ms': '5' };
  // @ts-expect-error there is no such option
  const unknown: ProducerOptions = { bootstrapServers: 'a:1', lingerMilliseconds: 5 };
  const right: ProducerOptions = {
    'bootstrap.servers': 'a:1',
    lingerMs: 5,
    'compression.type': 'lz4',
  };
  expectTypeOf([missing, wrong, unknown, right]).toEqualTypeOf<ProducerOptions[]>();
}

it('does not compile wrong calls', () => {
  expect(wrongCalls).toBeTypeOf('function');
});

it('takes the types of a schema in both directions', () => {
  type Orders = ReturnType<typeof json<typeof schema>>;
  expectTypeOf<SerdeInput<Orders>>().toEqualTypeOf<{ id: number; at: string }>();
  expectTypeOf<SerdeOutput<Orders>>().toEqualTypeOf<{ id: number; at: Date }>();
  expectTypeOf<TopicWriter<string, number>['enqueue']>().returns.toEqualTypeOf<boolean>();
});
