import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type { FetchRequest, FetchResponse } from '../../protocol/schema/01-fetch.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { FetchServices } from '../fetch/fetch-services.ts';
import { PendingFetch } from '../fetch/pending-fetch.ts';
import { ANSWERED_LATER, type Handler } from '../requests/handler.ts';
import { anyOf, forEach, forRequest } from '../requests/needed-action.ts';

export const CONSUMER = -1;
const DEBUGGING_CONSUMER = -2;
const REPLICA_STATE_SINCE = 15;

/**
 * Fetch (1), versions 4 to 18, resolved on the front from the partitions' mirrors and the mapped
 * segments. Only consumers fetch: a replica's fetch is refused (CVE-2018-1288). In clusters
 * `clusterFetch` stands in its place.
 */
export const fetch: Handler<FetchRequest, FetchResponse, 'fetchSessions' | keyof FetchServices> = {
  key: API.FETCH,
  versions: '4-18',
  needs: [anyOf(forEach('READ', 'TOPIC'), forRequest('CLUSTER_ACTION', 'CLUSTER'))],
  handle(request, call, services) {
    const replicaId = fetchingReplica(request, call.apiVersion);
    if (replicaId !== CONSUMER && replicaId !== DEBUGGING_CONSUMER) {
      return refusal(ERROR.CLUSTER_AUTHORIZATION_FAILED);
    }
    const plan = services.fetchSessions.plan(request, call.apiVersion);
    if (plan.error !== 0) return refusal(plan.error);
    new PendingFetch(call, request, plan, services).start();
    return ANSWERED_LATER;
  },
};

/** The broker that fetches; below 0 where none does. */
export function fetchingReplica(request: FetchRequest, version: number): number {
  return version >= REPLICA_STATE_SINCE ? request.replicaState.replicaId : request.replicaId;
}

export function refusal(errorCode: number): Unthrottled<FetchResponse> {
  return { errorCode, sessionId: 0, responses: [], nodeEndpoints: [] };
}
