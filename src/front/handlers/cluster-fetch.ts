import type { FetchRequest, FetchResponse } from '../../protocol/schema/01-fetch.ts';
import type { FetchServices } from '../fetch/fetch-services.ts';
import { ReplicaFetch } from '../fetch/replica-fetch.ts';
import { ANSWERED_LATER, type Handler } from '../requests/handler.ts';
import { fetch, fetchingReplica, refusal } from './01-fetch.ts';

type ServiceName = 'fetchSessions' | 'clock' | 'rights' | keyof FetchServices;

/** Fetch (1) of a cluster's broker: other brokers copy the partitions that it leads. */
export const clusterFetch: Handler<FetchRequest, FetchResponse, ServiceName> = {
  ...fetch,
  handle(request, call, services) {
    const id = fetchingReplica(request, call.apiVersion);
    if (id < 0) return fetch.handle(request, call, services);
    const plan = services.fetchSessions.ofFollowers.plan(request, call.apiVersion);
    if (plan.error !== 0) return refusal(plan.error);
    const isAllowed = services.rights.allowsOnCluster(call, 'CLUSTER_ACTION');
    const brokerEpoch = request.replicaState.replicaEpoch;
    new ReplicaFetch(call, request, plan, services, { id, brokerEpoch, isAllowed }).start();
    return ANSWERED_LATER;
  },
};
