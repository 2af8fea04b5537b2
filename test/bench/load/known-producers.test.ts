import { startBroker } from 'millrace';
import { expect, it } from 'vitest';
import { createTopic, endOffsetOf } from '../../../bench/load/admin.ts';
import { ControlClient } from '../../../bench/load/control-client.ts';
import { openTransactions, writeKnownProducers } from '../../../bench/load/known-producers.ts';
import { LoadConnection } from '../../../bench/load/load-connection.ts';

it('leaves a record of each producer, and one in each open transaction', async () => {
  const broker = await startBroker();
  const { hostname, port } = new URL(`kafka://${broker.bootstrapServers}`);
  const control = await ControlClient.connect(hostname, Number(port));
  const connection = await LoadConnection.open(hostname, Number(port));
  const topic = { name: 'known', partitions: 2, configs: {} };
  await createTopic(control, topic);
  await writeKnownProducers(connection, topic, 400);
  expect(await endOffsetOf(control, topic.name, 0)).toBe(200);
  await openTransactions({ control, connection, topic, prefix: 'open' }, 200);
  expect(await endOffsetOf(control, topic.name, 1)).toBe(300);
  connection.close();
  control.close();
  await broker.close();
});
