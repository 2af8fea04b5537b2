/**
 * A replicated topic under faults: producers write with acks=all, others in transactions, and
 * readers read while brokers and controllers die, stand still and lose their disks, while clocks
 * jump and disks are slow. At the end nothing acknowledged is lost, doubled or out of order, what
 * was read is still there, the logs of all replicas are equal, and transactions are whole.
 *
 * MILLRACE_FAULT_ROUNDS says how many faults there are (one of each kind), MILLRACE_FAULT_SEED
 * which, and MILLRACE_FAULTS names some by a part of their names.
 */

import { Unavailable } from '../lib/cache.mjs';
import { BROKER_IDS, CASTS, castLabel, HISTORY_BROKERS } from '../lib/cluster-casts.mjs';
import { underFaults } from '../lib/history-run.mjs';
import { MachineFaults } from '../lib/machine-faults.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { ReplicaFaults } from '../lib/replica-faults.mjs';
import { Shims } from '../lib/shims.mjs';

/** Null where they cannot be made, which is a step that is skipped. */
async function shimsOrNull(context, label) {
  try {
    return await Shims.create(BROKER_IDS);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const name = `${label}: clocks jump, disks are slow`;
    context.suite([{ name, outcome: 'skip', error: error.message }]);
    return null;
  }
}

async function replicaFaults(context, cast) {
  const label = castLabel(cast);
  const shims = await shimsOrNull(context, label);
  const placed = shims === null ? {} : { placeOf: (id) => shims.placeOf(id) };
  const faultsOf = (run) => {
    const faults = new ReplicaFaults(run);
    const more = shims === null ? {} : new MachineFaults(shims, run).all;
    return { gapsMs: faults.gapsMs, all: { ...faults.all, ...more } };
  };
  const work = (cluster) => underFaults(context, label, cluster, faultsOf);
  try {
    await withReplicaCluster(context, cast, work, { brokerConfig: HISTORY_BROKERS, ...placed });
  } finally {
    await shims?.discard();
  }
}

const COMMAND = 'MILLRACE_FAULT_ROUNDS=20 MILLRACE_FAULT_SEED=1 npm run conformance -- --only …';

export const clusterReplicaFaultChecks = [
  {
    name: 'cluster-replica-faults',
    proves:
      'kill -9, stops, lost, full and slow disks, clock jumps, dead controllers: no acknowledged record is lost, transactions are whole',
    needs: 'java, mvn, cc',
    command: COMMAND,
    sets: ['full', 'cluster'],
    limitS: 7_200,
    run: (context) => replicaFaults(context, Array(3).fill(context.kind)),
  },
  {
    name: 'cluster-replica-faults-mixed',
    proves: 'the same on brokers of millrace and of Kafka in one cluster, both ways',
    needs: 'java, mvn, cc',
    command: COMMAND,
    sets: ['full', 'cluster'],
    brokers: ['millrace'],
    limitS: 7_200,
    async run(context) {
      for (const cast of CASTS.mixed) await replicaFaults(context, cast);
    },
  },
];
