import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeQuorumRequest,
  DescribeQuorumResponse,
  DescribeQuorumResponsePartitionData,
} from '../../protocol/schema/55-describe-quorum.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { CLUSTER_DENIED } from './cluster-denied.ts';

type ServiceName = 'metadata' | 'clock' | 'rights';
type Needed = Services<ServiceName>;

const CLUSTER_METADATA_TOPIC = '__cluster_metadata';
const ONLY_PARTITION = 0;
const NODES_SINCE = 2;
const UNKNOWN_OFFSET = -1;

/** DescribeQuorum (55), versions 0 to 2: a quorum of one, which has caught up with itself. */
export const describeQuorum: Handler<DescribeQuorumRequest, DescribeQuorumResponse, ServiceName> = {
  key: API.DESCRIBE_QUORUM,
  versions: '0-2',
  needs: [forRequest('DESCRIBE', 'CLUSTER')],
  handle(request, call, services) {
    if (!services.rights.allowsOnCluster(call, 'DESCRIBE')) {
      return { ...CLUSTER_DENIED, topics: [], nodes: [] };
    }
    const topics = request.topics.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ partitionIndex }) => {
        const isKnown = topicName === CLUSTER_METADATA_TOPIC && partitionIndex === ONLY_PARTITION;
        return isKnown ? quorumOf(services) : unknownPartition(partitionIndex);
      }),
    }));
    const voters = services.metadata.quorum.voters.map((nodeId) => ({ nodeId, listeners: [] }));
    const nodes = call.apiVersion >= NODES_SINCE ? voters : [];
    return { errorCode: 0, errorMessage: null, topics, nodes };
  },
};

function quorumOf(services: Needed): DescribeQuorumResponsePartitionData {
  const { leaderId, leaderEpoch, highWatermark, voters } = services.metadata.quorum;
  const nowMs = services.clock.wallMs();
  return {
    partitionIndex: ONLY_PARTITION,
    errorCode: 0,
    errorMessage: null,
    leaderId,
    leaderEpoch,
    highWatermark,
    currentVoters: voters.map((replicaId) => ({
      replicaId,
      replicaDirectoryId: ZERO_UUID,
      logEndOffset: highWatermark,
      lastFetchTimestamp: nowMs,
      lastCaughtUpTimestamp: nowMs,
    })),
    observers: [],
  };
}

function unknownPartition(partitionIndex: number): DescribeQuorumResponsePartitionData {
  const errorCode = ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  return {
    partitionIndex,
    errorCode,
    errorMessage: errorMessage(errorCode),
    leaderId: -1,
    leaderEpoch: -1,
    highWatermark: UNKNOWN_OFFSET,
    currentVoters: [],
    observers: [],
  };
}
