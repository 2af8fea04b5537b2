import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochRequestOffsetForLeaderPartition,
  OffsetForLeaderEpochResponse,
  OffsetForLeaderEpochResponseEpochEndOffset,
} from '../../protocol/schema/23-offset-for-leader-epoch.ts';
import { endOfEpoch } from '../partitions/leader-epochs.ts';
import { errorOfLoaded, errorOfPartition } from '../partitions/partition-errors.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { anyOf, forEach, forRequest } from '../requests/needed-action.ts';
import { answerEach } from './each-partition.ts';
import { findPartition } from './partition-checks.ts';

type ServiceName = 'partitions' | 'loader' | 'workers' | 'rights';
type Needed = Services<ServiceName>;

type Answer = OffsetForLeaderEpochResponseEpochEndOffset;

const UNKNOWN = -1;

/** OffsetForLeaderEpoch (23), versions 2 to 4: how a client finds out that a tail was lost. */
export const offsetForLeaderEpoch: Handler<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  ServiceName
> = {
  key: API.OFFSET_FOR_LEADER_EPOCH,
  versions: '2-4',
  needs: [anyOf(forRequest('CLUSTER_ACTION', 'CLUSTER'), forEach('DESCRIBE', 'TOPIC'))],
  async handle(request, call, services) {
    const { rights } = services;
    const isBroker = rights.allowsOnCluster(call, 'CLUSTER_ACTION');
    const asked = request.topics.map(({ topic, partitions }) => ({ name: topic, partitions }));
    const answered = await answerEach(asked, indexOf, (topic, each, isRepeated) => {
      if (!isBroker && !rights.allows(call, 'DESCRIBE', 'TOPIC', topic)) {
        return answer(each.partition, ERROR.TOPIC_AUTHORIZATION_FAILED, UNKNOWN, UNKNOWN);
      }
      if (isRepeated) return answer(each.partition, ERROR.INVALID_REQUEST, UNKNOWN, UNKNOWN);
      return answerFor(topic, each, services);
    });
    const topics = answered.map(({ name, partitions }) => ({ topic: name, partitions }));
    return { topics };
  },
};

function indexOf({ partition }: OffsetForLeaderEpochRequestOffsetForLeaderPartition): number {
  return partition;
}

function answerFor(
  topic: string,
  asked: OffsetForLeaderEpochRequestOffsetForLeaderPartition,
  services: Needed,
): Answer | Promise<Answer> {
  const { partition, currentLeaderEpoch } = asked;
  const mirror = findPartition(services, topic, partition);
  const error = errorOfPartition(mirror, currentLeaderEpoch);
  if (error !== 0) return answer(partition, error, UNKNOWN, UNKNOWN);
  return search(mirror!, asked, services);
}

async function search(
  mirror: PartitionMirror,
  {
    partition,
    currentLeaderEpoch,
    leaderEpoch,
  }: OffsetForLeaderEpochRequestOffsetForLeaderPartition,
  services: Needed,
): Promise<Answer> {
  await services.loader.load(mirror);
  const loadError = errorOfLoaded(mirror, currentLeaderEpoch);
  if (loadError !== 0) return answer(partition, loadError, UNKNOWN, UNKNOWN);
  const found = await endOfEpoch(services, mirror, leaderEpoch);
  return answer(partition, found.errorCode, found.epoch, found.endOffset);
}

function answer(
  partition: number,
  errorCode: number,
  leaderEpoch: number,
  endOffset: number,
): Answer {
  return { errorCode, partition, leaderEpoch, endOffset };
}
