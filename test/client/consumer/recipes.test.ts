import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Consumer } from '../../../src/client/consumer/consumer.ts';
import { Producer } from '../../../src/client/producer/producer.ts';
import { json, text } from '../../../src/client/serde/serdes.ts';
import { topic } from '../../../src/client/serde/topic.ts';
import { transact } from '../../../src/client/transact.ts';

const README = readFileSync(
  resolve(import.meta.dirname, '../../../src/client/consumer/README.md'),
  'utf8',
);
const RECIPES = Object.fromEntries(
  Array.from(README.matchAll(/```ts recipe=([\w-]+)\n(.*?)```/gs), ([, name, code]) => [
    name,
    code,
  ]),
);
const ORDERS = topic('orders', { key: text, value: json() });
const BILLS = topic('bills', { key: text, value: json() });

type Recipe = (scope: object) => Promise<void>;

/** The recipe as a function of the names that it uses. */
function recipe(name: string, scope: object): Promise<void> {
  const code = RECIPES[name]!;
  const names = Object.keys(scope).join(', ');
  const made = new Function(`return async ({ ${names} }) => {{\n${code}\n}}`) as () => Recipe;
  return made()(scope);
}

/** Runs a recipe over some orders, and closes its consumers once it has handled as many. */
async function cook(name: string, broker: EmbeddedBroker, count: number, more = {}) {
  const handled: unknown[] = [];
  const consumers: Consumer[] = [];
  let isClosing = false;
  class Watched extends Consumer {
    constructor(options: object) {
      super({ autoOffsetReset: 'earliest', ...options } as never);
      consumers.push(this);
    }
  }
  const handle = async (value: unknown): Promise<void> => {
    handled.push(value);
    if (handled.length < count || isClosing || name === 'testing') return;
    isClosing = true;
    setTimeout(() => void Promise.all(consumers.map((each) => each.close())), 100);
  };
  const { bootstrapServers } = broker;
  const tools = { Producer, startBroker, topic, text, json, transact, bills: BILLS };
  const scope = { ...tools, orders: ORDERS, bootstrapServers, Consumer: Watched, handle, ...more };
  await recipe(name, scope);
  await Promise.all(consumers.map((each) => each.close()));
  return handled;
}

async function brokerWithOrders(count: number): Promise<EmbeddedBroker> {
  const broker = await startBroker({ config: { 'group.initial.rebalance.delay.ms': '0' } });
  await broker.createTopic('orders');
  await broker.createTopic('orders-dlt');
  const { bootstrapServers } = broker;
  await using producer = new Producer({ bootstrapServers });
  for (let n = 0; n < count; n++) {
    await producer.send(ORDERS, { key: `k${n % 3}`, value: { n } });
  }
  return broker;
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

describe('the recipes of the consumer', () => {
  it.each(['at-least-once', 'at-most-once', 'exactly-once', 'keyed-concurrency', 'partitions'])(
    '%s handles each record',
    async (name) => {
      await using broker = await brokerWithOrders(6);
      const handled = (await cook(name, broker, 6)) as { n: number }[];
      expect(handled.sort((one, other) => one.n - other.n)).toEqual(numbers(6));
      await using asking = new Consumer({
        bootstrapServers: broker.bootstrapServers,
        groupId: 'billing',
      });
      const at = { topic: 'orders', partition: 0 };
      expect((await asking.committed([at]))[0]!.offset).toBeGreaterThanOrEqual(5);
    },
  );

  it.each([
    ['dead-letters', 'kafka_dlt-exception-message'],
    ['retry-topics', 'kafka_exception-message'],
  ])('%s puts aside what fails', async (name, header) => {
    await using broker = await brokerWithOrders(3);
    let failures = 0;
    const consumers: Consumer[] = [];
    class Watched extends Consumer {
      constructor(options: object) {
        super({ autoOffsetReset: 'earliest', ...options } as never);
        consumers.push(this);
      }
    }
    const handle = async ({ n }: { n: number }): Promise<void> => {
      if (n !== 1) return;
      failures++;
      throw new Error('no such customer');
    };
    const { bootstrapServers } = broker;
    const scope = { Producer, orders: ORDERS, bootstrapServers, Consumer: Watched, handle };
    const cooking = recipe(name, scope);
    await using letters = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
    letters.assign([{ topic: 'orders-dlt', partition: 0 }]);
    for await (const record of letters) {
      expect(record.headers.text(header)).toBe('no such customer');
      break;
    }
    await Promise.all(consumers.map((each) => each.close()));
    await cooking;
    expect(failures).toBe(3);
  });

  it('external-offsets goes on where the database says', async () => {
    await using broker = await brokerWithOrders(6);
    const database = { offset: 2 };
    expect(await cook('external-offsets', broker, 4, { database })).toEqual(numbers(6).slice(2));
    expect(database.offset).toBe(6);
  });

  it('testing needs nothing but the broker', async () => {
    await using broker = await startBroker();
    expect(await cook('testing', broker, 1)).toEqual([{ n: 1 }]);
  });

  it('has a test for each', () => {
    const tested = [
      'at-least-once',
      'at-most-once',
      'exactly-once',
      'keyed-concurrency',
      'dead-letters',
      'retry-topics',
      'partitions',
      'external-offsets',
      'testing',
    ];
    expect(Object.keys(RECIPES)).toEqual(tested);
  });
});
