import { Cluster } from './cluster.mjs';
import { REPLICA_BROKERS, REPLICA_CONTROLLERS } from './cluster-casts.mjs';
import { formatArguments } from './format-arguments.mjs';

/**
 * Runs `work` with a cluster of these brokers that soon notices what is lost, and takes it away.
 * `more` goes to Cluster.start.
 */
export async function withReplicaCluster(context, cast, work, more = {}) {
  const cluster = await Cluster.start({
    cast,
    formatArgs: await formatArguments(),
    config: REPLICA_CONTROLLERS,
    brokerConfig: REPLICA_BROKERS,
    logFile: context.logFile,
    ...more,
  });
  try {
    await work(cluster);
  } finally {
    await cluster.discard();
  }
}
