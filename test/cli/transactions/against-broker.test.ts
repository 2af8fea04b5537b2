import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WireClient } from '../../support/wire-client.ts';
import { fetchFrom } from '../../support/wire-requests.ts';
import { TransactionalClient } from '../../traps/transactional-client.ts';
import { runCli } from '../run-cli.ts';

let broker: EmbeddedBroker;
let wire: WireClient;
let producer: TransactionalClient;

beforeAll(async () => {
  broker = await startBroker();
  wire = await WireClient.open(broker.port);
  await broker.createTopic('t');
  producer = new TransactionalClient(wire, 'txn');
  await producer.start();
  expect(await producer.produce('t', 'x')).toBe(0);
});

afterAll(async () => {
  wire.close();
  await broker.close();
});

async function cli<T>(...words: string[]): Promise<T> {
  const all = ['transactions', ...words, '-o', 'json'];
  const { code, out, errors } = await runCli(all, { servers: broker.bootstrapServers });
  expect([code, errors]).toEqual([0, '']);
  return JSON.parse(out) as T;
}

test('an open transaction is listed and described, and does not hang', async () => {
  const { producerId } = producer;
  expect(await cli('list')).toMatchObject([
    { transactionalId: 'txn', producerId, state: 'Ongoing' },
  ]);
  expect(await cli('list', '--transactional-id-pattern', 'other.*')).toEqual([]);
  const described = { producerId, state: 'Ongoing', partitions: [{ topic: 't', partition: 0 }] };
  expect(await cli('describe', 'txn')).toMatchObject(described);
  const scope = ['--topic', 't', '--max-transaction-timeout', '0'];
  expect(await cli('find-hanging', ...scope)).toEqual([]);
});

test('a transaction is aborted by hand in one partition', async () => {
  const at = ['--topic', 't', '--partition', '0', '--start-offset', '0'];
  const { producerId } = producer;
  expect(await cli('abort', ...at)).toMatchObject({ topic: 't', partition: 0, producerId });
  const fetched = await fetchFrom(wire, 't', 0, { fields: { isolationLevel: 1 } });
  expect(fetched.lastStableOffset).toBe(2);
});
