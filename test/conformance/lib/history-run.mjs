/** One run of clients under faults, and the verdict over what they saw. */

import { seededRandom } from '../../crash/crash-run.mjs';
import { HISTORY, HistoryClients, PARTITIONS, TRANSACTIONS } from './history-clients.mjs';
import { expectEqual, tool } from './kafka-tools.mjs';
import { compareDumps, compareReplicas, untilAllInSync, verifyReplicas } from './replicas.mjs';

const INTERNAL = '__transaction_state';
const DAY_MS = 24 * 3_600_000;
const CONFIG = [
  'min.insync.replicas=2',
  'segment.bytes=1048576',
  // What is new stays, also where a broker takes it for nearly a day older than it is.
  `retention.ms=${2 * DAY_MS}`,
  // A broker whose clock is behind must not refuse what seems to come from the future.
  `message.timestamp.after.max.ms=${10 * DAY_MS}`,
];

/** So many partitions, with each broker as the first replica of some. */
async function createTopic(cluster, topic) {
  const ids = cluster.brokers.map(({ id }) => id);
  const rows = Array.from({ length: PARTITIONS }, (_, partition) => {
    return ids.map((_id, i) => ids[(partition + i) % ids.length]).join(':');
  });
  const configs = CONFIG.flatMap((config) => ['--config', config]);
  const of = ['--topic', topic, '--replica-assignment', rows.join(','), ...configs];
  await tool('TopicCommand', ['--bootstrap-server', cluster.bootstrap, '--create', ...of]);
}

/** The names of the faults of a run: one of each kind, or what the environment asks for. */
function chosenFaults(all, random) {
  const part = process.env.MILLRACE_FAULTS?.split(',');
  const names = Object.keys(all).filter((name) => part?.some((one) => name.includes(one)) ?? true);
  const rounds = process.env.MILLRACE_FAULT_ROUNDS;
  if (rounds === undefined) return names;
  const draw = () => names[Math.floor(random() * names.length)];
  return Array.from({ length: Number(rounds) }, draw);
}

/**
 * `faultsOf` makes the faults of a run out of `{ cluster, topic, topics, writer, random }`: `all` is
 * a function for each name, `gapsMs` what they have measured.
 */
export async function underFaults(context, label, cluster, faultsOf) {
  const seed = Number(process.env.MILLRACE_FAULT_SEED ?? 1);
  const topics = [HISTORY, TRANSACTIONS];
  for (const topic of topics) await createTopic(cluster, topic);
  await untilAllInSync(cluster, topics);
  const clients = await HistoryClients.start(cluster, seededRandom(seed + 1));
  const random = seededRandom(seed);
  const { writer } = clients;
  const all = [...topics, INTERNAL];
  const faults = faultsOf({ cluster, topic: HISTORY, topics: all, writer, random });
  const say = (text) => process.stdout.write(`    ${label}: ${text}\n`);
  try {
    await clients.untilWriting();
    const lapses = [];
    for (const [round, name] of chosenFaults(faults.all, random).entries()) {
      const isSound = await context.step(`${label}: ${name} (${round + 1})`, async () => {
        await faults.all[name]();
        for (const topic of topics) await compareReplicas(cluster, topic);
        lapses.push(...(await lapsesAfter(name, { clients, cluster, say })));
      });
      say(`${name}: ${isSound ? 'passed' : 'failed'}`);
      // What is broken now would be blamed on the next fault.
      if (!isSound) break;
    }
    await judgeAll(context, label, { clients, cluster, lapses, say });
    say(`seed ${seed}`);
    for (const ms of faults.gapsMs) say(`${ms} ms without an acknowledgement after kill -9`);
  } finally {
    await clients.discard();
  }
}

/** Kafka measures the age of transactions by the wall clock, so that jumps are held against none. */
async function lapsesAfter(name, { clients, cluster, say }) {
  const found = await clients.lapses();
  const isKafkas = name.includes('clock') && cluster.brokers.some(({ kind }) => kind === 'kafka');
  if (isKafkas) for (const text of found) say(`not held against it: ${text}`);
  return isKafkas ? [] : found.map((text) => `${name}: ${text}`);
}

async function judgeAll(context, label, { clients, cluster, lapses, say }) {
  await context.step(`${label}: nothing is lost, doubled, out of order or changed`, async () => {
    await clients.end();
    await untilAllInSync(cluster, [HISTORY, TRANSACTIONS]);
    say(`${await clients.judgeRecords(say)} records acknowledged`);
  });
  await context.step(`${label}: committed transactions are whole, no other is seen`, async () => {
    say(`transactions: ${await clients.judgeTransactions()}`);
  });
  await context.step(`${label}: transactions are open until their time-out`, () => {
    expectEqual(lapses, [], 'ended early or open for too long');
  });
  await context.step(`${label}: the logs are equal for Kafka's tools`, async () => {
    for (const topic of [HISTORY, TRANSACTIONS]) await compareReplicas(cluster, topic);
    for (let each = 0; each < PARTITIONS; each += 1) await compareDumps(cluster, HISTORY, each);
    for (const topic of [HISTORY, TRANSACTIONS]) await verifyReplicas(cluster, topic);
  });
}
