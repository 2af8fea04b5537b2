import { API } from '../../protocol/api-keys.ts';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/schema/46-list-partition-reassignments.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';

/** ListPartitionReassignments (46), version 0. One broker has no reassignments. */
export const listPartitionReassignments: Handler<
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse
> = {
  key: API.LIST_PARTITION_REASSIGNMENTS,
  versions: '0',
  needs: [forRequest('DESCRIBE', 'CLUSTER')],
  handle: () => ({ errorCode: 0, errorMessage: null, topics: [] }),
};
