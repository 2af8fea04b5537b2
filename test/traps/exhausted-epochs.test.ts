import { appendFile, mkdtemp, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from 'millrace';
import { expect, test } from 'vitest';
import { Transaction } from '../../src/coordination/transaction/transaction.ts';
import { transactionRecord } from '../../src/coordination/transaction/transaction-records.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { setBaseOffset } from '../../src/records/batch-layout.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { fetchFrom } from '../support/wire-requests.ts';
import { TransactionalClient } from './transactional-client.ts';

const LAST_EPOCH = 32_766;
const ID = 'exhausted';

/** As if the producer had started again and again. */
async function setEpoch(dataDir: string, { producerId }: TransactionalClient): Promise<void> {
  const used = new Transaction(ID, producerId, 60_000, Date.now());
  used.producerEpoch = LAST_EPOCH;
  const { key, value } = transactionRecord(used, 2);
  const batch = buildBatch([{ key, value, timestamp: Date.now() }]);
  setBaseOffset(batch, 0, 1);
  const log = join(dataDir, '__transaction_state-0', '00000000000000000000.log');
  expect((await stat(log)).size).toBeLessThan(300);
  await appendFile(log, batch);
  await unlink(join(dataDir, '.kafka_cleanshutdown'));
}

test('T40: a producer whose epochs are used up goes on with another id', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-traps-'));
  const start = () => {
    return startBroker({ dataDir, config: { 'transaction.state.log.num.partitions': 1 } });
  };
  const before = await start();
  const first = await WireClient.open(before.port);
  await createTopic(first, 'topic');
  const started = new TransactionalClient(first, ID);
  await started.start();
  first.close();
  await before.close();
  await setEpoch(dataDir, started);
  const broker = await start();
  const client = await WireClient.open(broker.port);
  const { producerId } = started;
  const own = Object.assign(new TransactionalClient(client, ID), { producerId, epoch: LAST_EPOCH });
  expect(await own.produce('topic', 'last')).toBe(0);
  expect(await own.end(true)).toMatchObject({ errorCode: 0, producerEpoch: 0 });
  expect(own.producerId).not.toBe(producerId);
  await own.settled();
  expect(await own.produce('topic', 'first')).toBe(0);
  expect((await own.end(true)).errorCode).toBe(0);
  await own.settled();
  const committed = await fetchFrom(client, 'topic', 0, { fields: { isolationLevel: 1 } });
  expect(committed).toMatchObject({ lastStableOffset: 4, highWatermark: 4 });
  client.close();
  await broker.close();
  await rm(dataDir, { recursive: true, force: true });
});
