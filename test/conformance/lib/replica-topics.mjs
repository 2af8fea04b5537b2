/** Replicated topics by Kafka's tools: who has their replicas, and how these are moved. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from './clients.mjs';
import { expectMatch, tool } from './kafka-tools.mjs';
import { untilPartitions } from './replicas.mjs';

export function toolAt(cluster, name, ...args) {
  return tool(name, ['--bootstrap-server', cluster.bootstrap, ...args]);
}

/** `assignment` is a list of brokers for each partition. */
export async function createTopic(cluster, topic, assignment, config = {}) {
  const replicas = assignment.map((ids) => ids.join(':')).join(',');
  const configs = Object.entries(config).flatMap(([key, value]) => ['--config', `${key}=${value}`]);
  const of = ['--replica-assignment', replicas, ...configs];
  await toolAt(cluster, 'TopicCommand', '--create', '--topic', topic, ...of);
}

/** Replicas of so many partitions, where each broker comes first in turn. */
export function spread(cluster, partitions, replicas = cluster.brokers.length) {
  const ids = cluster.brokers.map(({ id }) => id);
  return Array.from({ length: partitions }, (_, partition) => {
    return Array.from({ length: replicas }, (_one, i) => ids[(partition + i) % ids.length]);
  });
}

/** `flags` go to the tool; `during` is called once the controllers have the new assignment. */
export async function reassign(cluster, topic, assignment, { flags = [], during } = {}) {
  await withScratch(async (folder) => {
    const file = join(folder, 'reassignment.json');
    const partitions = assignment.map((replicas, partition) => ({ topic, partition, replicas }));
    await writeFile(file, JSON.stringify({ version: 1, partitions }));
    const plan = ['--reassignment-json-file', file];
    await toolAt(cluster, 'ReassignPartitionsCommand', ...plan, ...flags, '--execute');
    await during?.();
    const isDone = (all) => {
      return all.every(({ partition, replicas, isr }) => {
        const wanted = assignment[partition];
        return `${replicas}` === `${wanted}` && isr.length === wanted.length;
      });
    };
    await untilPartitions(cluster.brokers, topic, `replicas are ${assignment}`, isDone);
    const told = await toolAt(cluster, 'ReassignPartitionsCommand', ...plan, '--verify');
    expectMatch(told, /Reassignment of partition .* is completed/, '--verify');
  });
}
