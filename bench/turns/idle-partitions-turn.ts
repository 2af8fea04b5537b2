/** Partitions that nobody uses: made, counted in memory, and there again after a clean stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { Figures } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { createTopic } from '../load/admin.ts';
import { ControlClient } from '../load/control-client.ts';
import { anonymousBytesOf } from '../load/process-stats.ts';

const MIB = 1024 * 1024;
const SETTLE_MS = 2000;
const MOST_OF_A_TOPIC = 1000;

export async function idlePartitionsTurn(who: Contestant, partitions: number): Promise<Figures> {
  const folder = who.freshFolder();
  const first = await who.start(folder);
  await sleep(SETTLE_MS);
  const bareMib = anonymousBytesOf(first.pid) / MIB;
  const createMs = await createPartitions(first, partitions);
  await sleep(SETTLE_MS);
  const createdMib = anonymousBytesOf(first.pid) / MIB;
  const stopMs = await first.stop();
  const second = await who.start(folder);
  await sleep(SETTLE_MS);
  const startedMib = anonymousBytesOf(second.pid) / MIB;
  await second.stop();
  await who.discard(folder);
  const addedMib = Math.max(createdMib, startedMib) - bareMib;
  return { startMs: second.startMs, addedMib, createMs, stopMs };
}

async function createPartitions(broker: BrokerProcess, partitions: number): Promise<number> {
  const client = await ControlClient.connect(broker.host, broker.port);
  const fromMs = performance.now();
  for (let made = 0; made < partitions; made += MOST_OF_A_TOPIC) {
    const count = Math.min(MOST_OF_A_TOPIC, partitions - made);
    await createTopic(client, { name: `idle-${made}`, partitions: count, configs: {} });
  }
  client.close();
  return performance.now() - fromMs;
}
