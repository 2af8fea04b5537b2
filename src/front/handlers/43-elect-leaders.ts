import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  ElectLeadersRequest,
  ElectLeadersResponse,
  ElectLeadersResponsePartitionResult,
} from '../../protocol/schema/43-elect-leaders.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { findPartition } from './partition-checks.ts';

type ServiceName = 'partitions';
type Needed = Services<ServiceName>;

const PREFERRED = 0;
const UNCLEAN = 1;

/** ElectLeaders (43), versions 0 to 2. Each partition has one replica and one possible leader. */
export const electLeaders: Handler<ElectLeadersRequest, ElectLeadersResponse, ServiceName> = {
  key: API.ELECT_LEADERS,
  versions: '0-2',
  needs: [forRequest('ALTER', 'CLUSTER')],
  handle(request, _call, services) {
    const { electionType, topicPartitions } = request;
    if (electionType !== PREFERRED && electionType !== UNCLEAN) {
      return { errorCode: ERROR.INVALID_REQUEST, replicaElectionResults: [] };
    }
    // Asked about all partitions, Kafka leaves out those that need no election.
    const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => {
      const partitionResult = partitions.map((index) => {
        return resultOf(topic, index, electionType, services);
      });
      return { topic, partitionResult };
    });
    return { errorCode: 0, replicaElectionResults };
  },
};

function resultOf(
  topic: string,
  partitionId: number,
  electionType: number,
  services: Needed,
): ElectLeadersResponsePartitionResult {
  const mirror = findPartition(services, topic, partitionId);
  if (mirror === undefined) {
    const errorMessage = `No such partition as ${topic}-${partitionId}`;
    return { partitionId, errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION, errorMessage };
  }
  if (mirror.offlineReason === '') {
    const errorMessage = 'Leader election not needed for topic partition.';
    return { partitionId, errorCode: ERROR.ELECTION_NOT_NEEDED, errorMessage };
  }
  const errorCode =
    electionType === PREFERRED
      ? ERROR.PREFERRED_LEADER_NOT_AVAILABLE
      : ERROR.ELIGIBLE_LEADERS_NOT_AVAILABLE;
  return { partitionId, errorCode, errorMessage: mirror.offlineReason };
}
