import { ERROR } from '../../base/kafka-errors.ts';
import {
  type MetadataImage,
  NO_LEADER,
  type PartitionMetadata,
  type TopicMetadata,
} from '../../metadata/image.ts';
import { API } from '../../protocol/api-keys.ts';
import { OPERATIONS_NOT_ASKED } from '../../protocol/operations-not-asked.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';

type Needed = Services<'partitions' | 'metadata' | 'endpoints'>;

/** Topics as both Metadata and DescribeTopicPartitions describe them. */

export interface PartitionDescription {
  errorCode: number;
  partitionIndex: number;
  leaderId: number;
  leaderEpoch: number;
  replicaNodes: number[];
  isrNodes: number[];
  offlineReplicas: number[];
}

/** Older clients of Metadata do not know the error for a leader without their listener. */
const LISTENER_ERROR_SINCE = 6;

/** Describes partitions for one client, whose listener decides which brokers it can reach. */
export class PartitionDescriber {
  readonly #services: Needed;
  readonly #reachable: ReadonlySet<number>;
  readonly #knowsListenerError: boolean;

  constructor(call: Call, services: Needed) {
    this.#services = services;
    this.#reachable = new Set(services.endpoints.brokersFor(call).map(({ nodeId }) => nodeId));
    this.#knowsListenerError =
      call.apiKey !== API.METADATA || call.apiVersion >= LISTENER_ERROR_SINCE;
  }

  describe(topic: TopicMetadata, partitions: readonly PartitionMetadata[]): PartitionDescription[] {
    const { image } = this.#services.metadata;
    const mirrors = this.#services.partitions.topicById(topic.id)?.partitions;
    return partitions.map((partition) => {
      const { index, leader, leaderEpoch, replicas, inSyncReplicas } = partition;
      const hasFailed = (mirrors?.[index]?.offlineReason ?? '') !== '';
      const isOffline = (node: number): boolean => {
        return !this.#reachable.has(node) || (hasFailed && node === image.nodeId);
      };
      const isLost = (node: number, i: number): boolean => {
        return isOffline(node) || isInLostDirectory(partition, i, image);
      };
      const isLed = !isOffline(leader);
      return {
        errorCode: isLed ? 0 : this.#errorOfLeader(leader),
        partitionIndex: index,
        leaderId: isLed ? leader : NO_LEADER,
        leaderEpoch,
        replicaNodes: [...replicas],
        isrNodes: inSyncReplicas.filter((node) => !hasFailed || node !== image.nodeId),
        offlineReplicas: replicas.filter(isLost),
      };
    });
  }

  #errorOfLeader(leader: number): number {
    const broker = this.#services.metadata.image.brokers.get(String(leader));
    const lacksListener = broker !== undefined && !broker.fenced && !this.#reachable.has(broker.id);
    return lacksListener && this.#knowsListenerError
      ? ERROR.LISTENER_NOT_FOUND
      : ERROR.LEADER_NOT_AVAILABLE;
  }
}

/** Directory ids that Kafka keeps for itself: not told, not chosen yet, lost. */
const MIGRATING = ZERO_UUID;
const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** Whether the broker of the replica with this index does not name its log directory any more. */
function isInLostDirectory(
  { details, replicas }: PartitionMetadata,
  replica: number,
  { brokers }: MetadataImage,
): boolean {
  const directory = details?.directories[replica];
  if (directory === undefined || directory === MIGRATING || directory === UNASSIGNED) return false;
  const logDirs = brokers.get(String(replicas[replica]))?.registration?.logDirs ?? [];
  return logDirs.length > 0 && !logDirs.includes(directory);
}

/** The answer for a topic that does not exist. Its name is null where it was asked for by id. */
export function unknownTopic<Name extends string | null>(
  name: Name,
  topicId: string,
  errorCode: number,
) {
  return {
    errorCode,
    name,
    topicId,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
