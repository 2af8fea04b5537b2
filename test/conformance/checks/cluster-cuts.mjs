/** A replicated topic while the network between nodes is cut: the same rules as under other faults. */

import { BROKER_IDS, CASTS, castLabel, HISTORY_BROKERS } from '../lib/cluster-casts.mjs';
import { underFaults } from '../lib/history-run.mjs';
import { runIsolated } from '../lib/isolated-check.mjs';
import { NetworkFaults } from '../lib/network-faults.mjs';
import { NetworkNamespaces } from '../lib/network-namespaces.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { java } from '../lib/toolchains.mjs';

const LIMIT_S = 3_600;
const CONTROLLER_IDS = [1, 2, 3];

function cuts(context, network, cast) {
  const placeOf = (id) => network.placeOf(id);
  const faultsOf = (run) => new NetworkFaults(network, run);
  const work = (cluster) => underFaults(context, castLabel(cast), cluster, faultsOf);
  return withReplicaCluster(context, cast, work, { placeOf, brokerConfig: HISTORY_BROKERS });
}

/** In a network namespace of its own. */
export async function isolated(context) {
  const network = await NetworkNamespaces.create([...CONTROLLER_IDS, ...BROKER_IDS]);
  await cuts(context, network, CASTS[context.kind]);
  if (context.kind === 'millrace') await cuts(context, network, CASTS.mixed[0]);
}

export const clusterCutChecks = [
  {
    name: 'cluster-cuts',
    proves: 'the network is cut between any two nodes: no acknowledged record is lost',
    needs: 'java, mvn, root, ip',
    command: 'MILLRACE_FAULT_ROUNDS=20 npm run conformance -- --only cluster-cuts',
    sets: ['full', 'cluster'],
    limitS: LIMIT_S,
    async run(context) {
      // There is no network inside by which jars could come.
      await java();
      await runIsolated(context, import.meta.url, LIMIT_S * 1_000);
    },
  },
];
