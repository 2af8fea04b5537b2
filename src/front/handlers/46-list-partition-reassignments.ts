import { API } from '../../protocol/api-keys.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/schema/46-list-partition-reassignments.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';

/** ListPartitionReassignments (46), version 0. One broker has no reassignments. */
export const listPartitionReassignments: Handler<
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
  'rights'
> = {
  key: API.LIST_PARTITION_REASSIGNMENTS,
  versions: '0',
  needs: [forRequest('DESCRIBE', 'CLUSTER')],
  handle(_request, call, { rights }) {
    if (!rights.allowsOnCluster(call, 'DESCRIBE')) return { ...CLUSTER_DENIED, topics: [] };
    return { errorCode: 0, errorMessage: null, topics: [] };
  },
};
