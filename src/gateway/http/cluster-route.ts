import type { ClientRights } from '../../front/requests/client-rights.ts';
import type { FrontServices } from '../../front/requests/front-services.ts';
import { CommandError } from '../command/command-error.ts';
import type { Exchange } from './exchange.ts';

/** `GET /cluster`: the brokers, controllers and replicas; no content where the node is alone. */
export async function showCluster(
  front: FrontServices,
  exchange: Exchange,
  rights: ClientRights,
): Promise<void> {
  if (front.cluster === null) {
    exchange.empty();
    return;
  }
  if (!rights.allowsOnCluster('DESCRIBE')) {
    throw new CommandError('forbidden', 'the right to describe the cluster is needed');
  }
  const { clusterState } = await import('./cluster-state.ts');
  if (!exchange.aborted) exchange.json('200 OK', clusterState(front, front.cluster));
}
