import { expectEqual } from './kafka-tools.mjs';
import { JavaWriter, judge, readAll, SteadyWriter } from './replica-history.mjs';
import { compareReplicas, untilInSync } from './replicas.mjs';

/** How often there were writers: each has a name of its own. */
let writers = 0;

/**
 * Writers run while `work` does something to the replicas of a topic; then all they wrote is looked
 * for. All replicas must be in sync in the end, so `work` must see to that.
 */
export async function underWriters(cluster, topic, work) {
  const { bootstrap } = cluster;
  const partitions = (await untilInSync(cluster, topic)).length;
  writers += 1;
  const name = `steady-${writers}`;
  const steady = await SteadyWriter.start({ bootstrap, topic, name, partitions });
  const other = await JavaWriter.start({ bootstrap, topic, number: writers });
  try {
    await other.untilMore(50);
    await work(steady);
    await steady.untilAllGoOn();
    await other.untilMore(50);
    await steady.end();
    await other.end();
  } finally {
    await steady.discard();
    await other.discard();
  }
  expectEqual([...steady.failures, ...other.failures].slice(0, 3), [], 'requests that failed');
  await untilInSync(cluster, topic);
  const logs = [];
  for (let each = 0; each < partitions; each += 1) logs.push(await readAll(cluster, topic, each));
  judge({ logs, acked: [...steady.acked, ...other.acked] });
  await compareReplicas(cluster, topic);
}
