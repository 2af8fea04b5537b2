import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsRequestReassignablePartition,
  AlterPartitionReassignmentsResponse,
  AlterPartitionReassignmentsResponseReassignablePartitionResponse,
} from '../../protocol/schema/45-alter-partition-reassignments.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { findPartition } from './partition-checks.ts';

type ServiceName = 'partitions' | 'metadata';
type Needed = Services<ServiceName>;

type Answer = AlterPartitionReassignmentsResponseReassignablePartitionResponse;

/**
 * AlterPartitionReassignments (45), versions 0 to 1. A partition can only be on this broker, where
 * it is: such a request is granted and complete at once.
 */
export const alterPartitionReassignments: Handler<
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  ServiceName
> = {
  key: API.ALTER_PARTITION_REASSIGNMENTS,
  versions: '0-1',
  needs: [forRequest('ALTER', 'CLUSTER')],
  handle(request, _call, services) {
    const responses = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => answerFor(name, asked, services)),
    }));
    return {
      allowReplicationFactorChange: request.allowReplicationFactorChange,
      errorCode: 0,
      errorMessage: null,
      responses,
    };
  },
};

function answerFor(
  topic: string,
  asked: AlterPartitionReassignmentsRequestReassignablePartition,
  services: Needed,
): Answer {
  const { partitionIndex, replicas } = asked;
  const refused = (errorCode: number, message = errorMessage(errorCode)): Answer => {
    return { partitionIndex, errorCode, errorMessage: message };
  };
  if (findPartition(services, topic, partitionIndex) === undefined) {
    return refused(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  }
  if (replicas === null) return refused(ERROR.NO_REASSIGNMENT_IN_PROGRESS);
  const { nodeId } = services.metadata.image;
  const prefix = 'The manual partition assignment includes';
  if (replicas.length === 0) {
    return refused(ERROR.INVALID_REPLICA_ASSIGNMENT, `${prefix} an empty replica list.`);
  }
  const stranger = replicas.find((replica) => replica !== nodeId);
  if (stranger !== undefined) {
    const message = `${prefix} broker ${stranger}, but no such broker is registered.`;
    return refused(ERROR.INVALID_REPLICA_ASSIGNMENT, message);
  }
  if (replicas.length > 1) {
    const message = `${prefix} the broker ${nodeId} more than once.`;
    return refused(ERROR.INVALID_REPLICA_ASSIGNMENT, message);
  }
  return { partitionIndex, errorCode: 0, errorMessage: null };
}
