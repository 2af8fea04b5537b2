/**
 * A replicated topic under faults: producers write with acks=all and readers read while brokers and
 * controllers die, stand still and lose their disks. At the end nothing acknowledged is lost,
 * doubled or out of order, what was read is still there, and the logs of all replicas are equal.
 *
 * MILLRACE_FAULT_ROUNDS says how many faults there are (one of each kind), MILLRACE_FAULT_SEED
 * which, and MILLRACE_FAULTS names some by a part of their names.
 */

import { CASTS, castLabel } from '../lib/cluster-casts.mjs';
import { underFaults } from '../lib/history-run.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { ReplicaFaults } from '../lib/replica-faults.mjs';

function replicaFaults(context, cast) {
  return withReplicaCluster(context, cast, (cluster) => {
    return underFaults(context, castLabel(cast), cluster, (run) => new ReplicaFaults(run));
  });
}

const COMMAND = 'MILLRACE_FAULT_ROUNDS=20 MILLRACE_FAULT_SEED=1 npm run conformance -- --only …';

export const clusterReplicaFaultChecks = [
  {
    name: 'cluster-replica-faults',
    proves: 'kill -9, stops, lost and full disks, dead controllers: no acknowledged record is lost',
    needs: 'java, mvn',
    command: COMMAND,
    sets: ['full', 'cluster'],
    limitS: 7_200,
    run: (context) => replicaFaults(context, Array(3).fill(context.kind)),
  },
  {
    name: 'cluster-replica-faults-mixed',
    proves: 'the same on brokers of millrace and of Kafka in one cluster, both ways',
    needs: 'java, mvn',
    command: COMMAND,
    sets: ['full', 'cluster'],
    brokers: ['millrace'],
    limitS: 7_200,
    async run(context) {
      for (const cast of CASTS.mixed) await replicaFaults(context, cast);
    },
  },
];
