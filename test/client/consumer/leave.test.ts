/** A member that leaves while its connection fails. */
import { expect, it } from 'vitest';
import { Admin } from '#millrace/client/admin/admin';
import { required } from '#millrace/client/admin/outcome';
import { Consumer } from '#millrace/client/consumer/consumer';
import { API } from '../../../src/protocol/api-keys.ts';
import { brokerWithTopics } from '../../streams/support/broker-with-topics.ts';
import { until } from '../../support/until.ts';
import { FaultyProxy } from '../producer/faulty-proxy.ts';

it.each([
  ['classic', API.LEAVE_GROUP, { kind: 'cut-answer', bytes: 0 }],
  ['classic', API.LEAVE_GROUP, { kind: 'cut-request', bytes: 7 }],
  ['consumer', API.CONSUMER_GROUP_HEARTBEAT, { kind: 'cut-answer', bytes: 0 }],
  ['consumer', API.CONSUMER_GROUP_HEARTBEAT, { kind: 'cut-request', bytes: 7 }],
] as const)('leaves a %s group where request %i meets %o', async (groupProtocol, key, fault) => {
  await using broker = await brokerWithTopics(['input'], 1);
  await using proxy = await FaultyProxy.start(broker.port);
  const consumer = new Consumer({
    bootstrapServers: `127.0.0.1:${proxy.port}`,
    groupId: 'g',
    groupProtocol,
    retryBackoffMs: 5,
  });
  await consumer.subscribe(['input']);
  await until('it is assigned', async () => {
    return consumer.assignment.length === 1;
  });
  let faults = 0;
  proxy.faulty = [key];
  proxy.next = () => (faults++ === 0 ? fault : { kind: 'pass' });
  await consumer.close();
  // A heartbeat that was due may come before the one that leaves.
  expect(faults).toBeGreaterThanOrEqual(2);
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const group = required((await admin.groups.describe(['g'])).get('g'));
  expect(group).toMatchObject({ state: 'Empty', members: [] });
});
