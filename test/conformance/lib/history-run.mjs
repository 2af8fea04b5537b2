/** One run of clients under faults, and the verdict over what they saw. */

import { seededRandom } from '../../crash/crash-run.mjs';
import { expectEqual, tool } from './kafka-tools.mjs';
import { JavaWriter, judge, readAll, SteadyWriter, Tail } from './replica-history.mjs';
import {
  batchesOf,
  compareDumps,
  compareReplicas,
  untilInSync,
  verifyReplicas,
} from './replicas.mjs';

const TOPIC = 'history';
const PARTITIONS = 4;
const CONFIG = ['min.insync.replicas=2', 'segment.bytes=1048576'];

/** So many partitions, with each broker as the first replica of some. */
async function createTopic(cluster) {
  const ids = cluster.brokers.map(({ id }) => id);
  const rows = Array.from({ length: PARTITIONS }, (_, partition) => {
    return ids.map((_id, i) => ids[(partition + i) % ids.length]).join(':');
  });
  const configs = CONFIG.flatMap((config) => ['--config', config]);
  const of = ['--topic', TOPIC, '--replica-assignment', rows.join(','), ...configs];
  await tool('TopicCommand', ['--bootstrap-server', cluster.bootstrap, '--create', ...of]);
  await untilInSync(cluster, TOPIC);
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
 * `faultsOf` makes the faults of a run out of `{ cluster, topic, writer, random }`: `all` is a
 * function for each name, `gapsMs` what they have measured.
 */
export async function underFaults(context, label, cluster, faultsOf) {
  const seed = Number(process.env.MILLRACE_FAULT_SEED ?? 1);
  const random = seededRandom(seed);
  const { bootstrap } = cluster;
  await createTopic(cluster);
  const to = { bootstrap, topic: TOPIC, partitions: PARTITIONS };
  const writer = await SteadyWriter.start({ ...to, name: 'steady' });
  const java = await JavaWriter.start(to);
  const tails = Array.from({ length: PARTITIONS }, (_, partition) => {
    return new Tail(cluster, TOPIC, partition);
  });
  const faults = faultsOf({ cluster, topic: TOPIC, writer, random });
  try {
    await java.untilMore(50);
    for (const [round, name] of chosenFaults(faults.all, random).entries()) {
      const isSound = await context.step(`${label}: ${name} (${round + 1})`, async () => {
        await faults.all[name]();
        await compareReplicas(cluster, TOPIC);
      });
      process.stdout.write(`    ${label}: ${name}: ${isSound ? 'passed' : 'failed'}\n`);
      // What is broken now would be blamed on the next fault.
      if (!isSound) break;
    }
    await context.step(`${label}: nothing is lost, doubled, out of order or changed`, async () => {
      await Promise.all([writer.end(), java.end()]);
      await untilInSync(cluster, TOPIC);
      const logs = [];
      for (let each = 0; each < PARTITIONS; each += 1) {
        logs.push(await readAll(cluster, TOPIC, each));
      }
      for (const [partition, tail] of tails.entries()) await tail.endAt(logs[partition].length);
      try {
        judge({ logs, acked: [...writer.acked, ...java.acked], tails });
      } catch (error) {
        throw new Error(`${error.message}\n${await evidence(cluster, logs, tails)}`);
      }
      expectEqual([...writer.failures, ...java.failures].slice(0, 3), [], 'failed requests');
      const { length } = [...writer.acked, ...java.acked];
      process.stdout.write(`    ${label}: ${length} records acknowledged, seed ${seed}\n`);
    });
    await context.step(`${label}: the logs are equal for Kafka's tools`, async () => {
      await compareReplicas(cluster, TOPIC);
      for (let each = 0; each < PARTITIONS; each += 1) await compareDumps(cluster, TOPIC, each);
      await verifyReplicas(cluster, TOPIC);
    });
    for (const ms of faults.gapsMs) {
      process.stdout.write(`    ${label}: ${ms} ms without an acknowledgement after kill -9\n`);
    }
  } finally {
    await writer.discard();
    await java.discard();
    for (const tail of tails) await tail.end();
  }
}

/** The batches of records that are there twice, and who led when they were written. */
async function evidence(cluster, logs, tails) {
  const lines = [];
  for (const [partition, values] of logs.entries()) {
    const twice = values.flatMap((value, offset) => {
      const other = values.indexOf(value, offset + 1);
      return other < 0 ? [] : [offset, other];
    });
    if (twice.length === 0) continue;
    const { leaders } = tails[partition];
    const batches = await batchesOf(cluster.brokers[0], TOPIC, partition, values.length);
    for (const { bytes, ...batch } of batches) {
      if (!twice.some((offset) => offset >= batch.offset && offset <= batch.last)) continue;
      lines.push(`${partition}: ${JSON.stringify(batch)}, led by ${leaders.get(batch.epoch)}`);
    }
    lines.push(`leaders of ${partition} by epoch: ${JSON.stringify([...leaders])}`);
  }
  return lines.slice(0, 12).join('\n');
}
