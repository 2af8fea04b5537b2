import type { FetchRequest, FetchResponse } from '../../protocol/schema/01-fetch.ts';
import type { FetchServices } from '../fetch/fetch-services.ts';
import { RackAwareFetch } from '../fetch/rack-aware-fetch.ts';
import { ReplicaFetch } from '../fetch/replica-fetch.ts';
import type { Services } from '../requests/front-services.ts';
import { ANSWERED_LATER, type Handler } from '../requests/handler.ts';
import { CONSUMER, fetch, fetchingReplica, refusal } from './01-fetch.ts';

type ServiceName = 'fetchSessions' | 'clock' | 'leaderThrottle' | 'rights' | keyof FetchServices;

/** Fetch (1) of a cluster's broker: other brokers copy the partitions that it leads. */
export const clusterFetch: Handler<FetchRequest, FetchResponse, ServiceName> = {
  ...fetch,
  handle(request, call, services) {
    const id = fetchingReplica(request, call.apiVersion);
    if (id === CONSUMER && isSentByRack(request, services)) {
      const plan = services.fetchSessions.plan(request, call.apiVersion);
      if (plan.error !== 0) return refusal(plan.error);
      new RackAwareFetch(call, request, plan, services).start();
      return ANSWERED_LATER;
    }
    if (id < 0) return fetch.handle(request, call, services);
    const plan = services.fetchSessions.ofFollowers.plan(request, call.apiVersion);
    if (plan.error !== 0) return refusal(plan.error);
    const isAllowed = services.rights.allowsOnCluster(call, 'CLUSTER_ACTION');
    const brokerEpoch = request.replicaState.replicaEpoch;
    new ReplicaFetch(call, request, plan, services, { id, brokerEpoch, isAllowed }).start();
    return ANSWERED_LATER;
  },
};

/** Consumers that name no rack stay with the leader. */
function isSentByRack({ rackId }: FetchRequest, { settings }: Services<'settings'>): boolean {
  return rackId !== '' && settings.cluster?.readsByRack === true;
}
