import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  ElectLeadersRequest,
  ElectLeadersResponse,
  ElectLeadersResponsePartitionResult,
} from '../../protocol/schema/43-elect-leaders.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';
import { findPartition, orRefusal } from './partition-checks.ts';

type ServiceName = 'partitions' | 'changes' | 'rights';
type Needed = Services<ServiceName>;

const PREFERRED = 0;
const UNCLEAN = 1;

/** ElectLeaders (43), versions 0 to 2. */
export const electLeaders: Handler<ElectLeadersRequest, ElectLeadersResponse, ServiceName> = {
  key: API.ELECT_LEADERS,
  versions: '0-2',
  needs: [forRequest('ALTER', 'CLUSTER')],
  async handle(request, call, services) {
    if (!services.rights.allowsOnCluster(call, 'ALTER')) {
      return denied(request);
    }
    const { electionType, topicPartitions } = request;
    if (electionType !== PREFERRED && electionType !== UNCLEAN) {
      return { errorCode: ERROR.INVALID_REQUEST, replicaElectionResults: [] };
    }
    // Asked about all partitions, Kafka leaves out those that need no election.
    const replicaElectionResults = await Promise.all(
      (topicPartitions ?? []).map(async ({ topic, partitions }) => {
        const results = partitions.map((index) => resultOf(topic, index, electionType, services));
        return { topic, partitionResult: await Promise.all(results) };
      }),
    );
    return { errorCode: 0, replicaElectionResults };
  },
};

/** Each partition that is named is told of, too. */
function denied({ topicPartitions }: ElectLeadersRequest): Unthrottled<ElectLeadersResponse> {
  const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => {
    const partitionResult = partitions.map((partitionId) => ({ partitionId, ...CLUSTER_DENIED }));
    return { topic, partitionResult };
  });
  return { errorCode: CLUSTER_DENIED.errorCode, replicaElectionResults };
}

async function resultOf(
  topic: string,
  partitionId: number,
  electionType: number,
  services: Needed,
): Promise<ElectLeadersResponsePartitionResult> {
  const mirror = findPartition(services, topic, partitionId);
  if (mirror?.isLeader && mirror.offlineReason !== '') {
    const errorCode =
      electionType === PREFERRED
        ? ERROR.PREFERRED_LEADER_NOT_AVAILABLE
        : ERROR.ELIGIBLE_LEADERS_NOT_AVAILABLE;
    return { partitionId, errorCode, errorMessage: mirror.offlineReason };
  }
  const isUnclean = electionType === UNCLEAN;
  const elected = services.changes.electLeader(topic, partitionId, isUnclean);
  const refused = await orRefusal(elected, (refusal) => refusal);
  const { errorCode, message: errorMessage } = refused ?? { errorCode: 0, message: null };
  return { partitionId, errorCode, errorMessage };
}
