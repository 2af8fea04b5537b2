import { startBroker } from 'millrace';
import { expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { GroupMember } from '../../support/group-member.ts';
import { WireClient } from '../../support/wire-client.ts';

/**
 * All metrics of kafka_exporter 1.9 for a cluster without ZooKeeper, with the labels in its order.
 */
const EXPORTED = {
  kafka_brokers: [],
  kafka_broker_info: ['address', 'id'],
  kafka_topic_partitions: ['topic'],
  kafka_topic_partition_current_offset: ['partition', 'topic'],
  kafka_topic_partition_oldest_offset: ['partition', 'topic'],
  kafka_topic_partition_in_sync_replica: ['partition', 'topic'],
  kafka_topic_partition_leader: ['partition', 'topic'],
  kafka_topic_partition_leader_is_preferred: ['partition', 'topic'],
  kafka_topic_partition_replicas: ['partition', 'topic'],
  kafka_topic_partition_under_replicated_partition: ['partition', 'topic'],
  kafka_consumergroup_current_offset: ['consumergroup', 'partition', 'topic'],
  kafka_consumergroup_current_offset_sum: ['consumergroup', 'topic'],
  kafka_consumergroup_lag: ['consumergroup', 'partition', 'topic'],
  kafka_consumergroup_lag_sum: ['consumergroup', 'topic'],
  kafka_consumergroup_members: ['consumergroup'],
};

test("every name and label of kafka_exporter's is there, and no other under its prefix", async () => {
  await using broker = await startBroker({ config: { 'offsets.topic.num.partitions': 1 } });
  const client = await WireClient.open(broker.port);
  await broker.createTopic('topic');
  const member = new GroupMember(client, 'readers');
  await member.enter();
  expect(await member.commit('topic', 0)).toBe(0);
  const page = await (await fetch(`${broker.httpUrl}/metrics`)).text();
  const found: Record<string, string[]> = {};
  for (const [, name, labels] of page.matchAll(/^(kafka_\w+)(?:\{(.*)\})? \S+$/gm)) {
    found[name!] = [...(labels ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label!).sort();
    expect(page).toContain(`# TYPE ${name} gauge\n`);
  }
  expect(found).toEqual(EXPORTED);
  client.close();
});

test('the metrics page tells members, offsets and lag of each group', async () => {
  await using broker = await startBroker({ config: { 'offsets.topic.num.partitions': 3 } });
  const client = await WireClient.open(broker.port);
  await broker.createTopic('topic', { partitions: 2 });
  const timestamp = Date.now() - 90_000;
  for (let i = 0; i < 5; i++) {
    await client.produce('topic', 0, [{ value: Buffer.from('x'), timestamp: timestamp + i }]);
  }
  const member = new GroupMember(client, 'readers');
  await member.enter();
  expect(await member.commit('topic', 2)).toBe(0);

  const page = await (await fetch(`${broker.httpUrl}/metrics`)).text();
  const place = 'consumergroup="readers",topic="topic"';
  expect(page).toContain('kafka_consumergroup_members{consumergroup="readers"} 1');
  expect(page).toContain(`kafka_consumergroup_current_offset{${place},partition="0"} 2`);
  expect(page).toContain(`kafka_consumergroup_lag{${place},partition="0"} 3`);
  expect(page).toContain(`kafka_consumergroup_lag_sum{${place}} 3`);
  // kafka_exporter lists every partition of a topic in which the group has committed.
  expect(page).toContain(`kafka_consumergroup_current_offset{${place},partition="1"} -1`);
  expect(page).toContain(`kafka_consumergroup_lag{${place},partition="1"} -1`);
  expect(page).toContain(`millrace_consumergroup_lag_seconds{${place},partition="1"} 0`);
  expect(page).toContain(`kafka_consumergroup_current_offset_sum{${place}} 1`);
  const seconds = /millrace_consumergroup_lag_seconds\{[^}]*\} ([\d.]+)/.exec(page)?.[1];
  expect(Number(seconds)).toBeGreaterThan(89);

  const topics = [{ name: 'topic', partitions: [{ partitionIndex: 0, offset: 4 }] }];
  await client.ask(API.DELETE_RECORDS, 2, { topics, timeoutMs: 10_000 });
  const deleted = await (await fetch(`${broker.httpUrl}/metrics`)).text();
  expect(deleted).toContain(`kafka_consumergroup_lag{${place},partition="0"} 3`);
  expect(deleted).toMatch(/lag_seconds\{[^}]*partition="0"\} (89|9\d)\.?/);

  expect(await member.commit('topic', 5)).toBe(0);
  const later = await (await fetch(`${broker.httpUrl}/metrics`)).text();
  expect(later).toContain(`kafka_consumergroup_lag{${place},partition="0"} 0`);
  expect(later).toContain(`millrace_consumergroup_lag_seconds{${place},partition="0"} 0`);
  client.close();
});
