import type { Clock } from '../../base/clock.ts';
import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { Logger, RateLimitedLog } from '../../base/logger.ts';
import { NO_SLOT } from '../../exchange/messages.ts';
import type { BrokerSettings } from '../../metadata/config/broker-settings.ts';
import type { MetadataImage } from '../../metadata/image.ts';
import type { MetadataChanges } from '../../metadata/metadata-changes.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { PartitionLoader } from '../partitions/partition-loader.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { TopicDirectory } from '../partitions/topic-directory.ts';
import type { TopicMirror } from '../partitions/topic-mirror.ts';

export const OFFSETS_TOPIC = '__consumer_offsets';

/** What it takes to create the topic and to open its logs. */
export interface GroupTopicServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: RateLimitedLog;
  readonly settings: BrokerSettings;
  readonly metadata: MetadataView;
  readonly changes: MetadataChanges;
  readonly partitions: Partitions;
  readonly directory: TopicDirectory;
  readonly loader: PartitionLoader;
}

/**
 * The topic of the groups' committed offsets. It is created when the first group asks for its
 * coordinator. Resolves when the workers have its partitions; null where it cannot be created.
 */
export async function ensureOffsetsTopic(
  services: GroupTopicServices,
): Promise<TopicMirror | null> {
  const known = services.partitions.topicByName(OFFSETS_TOPIC);
  if (known !== undefined) return known;
  const refused = await commitOffsetsTopic(services);
  await services.directory.settled();
  const made = services.partitions.topicByName(OFFSETS_TOPIC);
  if (made !== undefined) return made;
  warnOf(refused ?? 'it was deleted at once', services);
  return null;
}

/** Whether there will be coordinators: true as soon as the topic is in the metadata. */
export async function promiseCoordinators(
  groupIds: readonly string[],
  services: GroupTopicServices,
): Promise<boolean> {
  if (services.partitions.topicByName(OFFSETS_TOPIC) === undefined) {
    const refused = await commitOffsetsTopic(services);
    if (refused !== null) {
      warnOf(refused, services);
      return false;
    }
  }
  inBackground(prepareCoordinators(groupIds, services), onOpeningFailure(services));
  return true;
}

/** null where the topic exists now, or why it cannot be created. */
async function commitOffsetsTopic(services: GroupTopicServices): Promise<string | null> {
  const { offsetsPartitions, offsetsReplicas, offsetsSegmentBytes } = services.settings.groups;
  const topic = {
    name: OFFSETS_TOPIC,
    partitions: offsetsPartitions,
    replicationFactor: Math.min(offsetsReplicas, brokerCount(services.metadata.image)),
    configs: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'compression.type', value: 'producer' },
      { name: 'segment.bytes', value: String(offsetsSegmentBytes) },
    ],
  };
  const [outcome] = await services.changes.createTopics([topic], false);
  const refused = outcome?.refused ?? null;
  // Of two that ask at once the second is told that the topic exists: it is there, too.
  if (refused === null || refused.errorCode === ERROR.TOPIC_ALREADY_EXISTS) return null;
  return refused.message;
}

/** The brokers that may hold replicas: this one, and the others that are not fenced. */
function brokerCount({ brokers, nodeId }: MetadataImage): number {
  let count = 1;
  for (const { id, fenced } of brokers.values()) {
    if (id !== nodeId && !fenced) count++;
  }
  return count;
}

function warnOf(reason: string, services: GroupTopicServices): void {
  const message = `${OFFSETS_TOPIC} cannot be made, so no group can work: ${reason}`;
  services.faults.warn(OFFSETS_TOPIC, message, services.clock.monotonicMs());
}

function onOpeningFailure({ logger }: GroupTopicServices): (thrown: unknown) => void {
  return logFailure(logger, `opening ${OFFSETS_TOPIC}`);
}

/** Has the groups' logs opened before their members join. */
async function prepareCoordinators(
  groupIds: readonly string[],
  services: GroupTopicServices,
): Promise<void> {
  await services.directory.settled();
  const partitions = services.partitions.topicByName(OFFSETS_TOPIC)?.partitions ?? [];
  for (const groupId of groupIds) {
    const mirror = partitions[offsetsPartitionOf(groupId, partitions.length)];
    if (!mirror?.isLeader) continue;
    inBackground(services.loader.load(mirror), onOpeningFailure(services));
  }
}

/** Where requests for one group go. */
export interface CoordinatorPlace {
  readonly worker: number;
  readonly slot: number;
}

/** A worker answers NOT_COORDINATOR for a slot that it does not have. */
const COORDINATED_ELSEWHERE: CoordinatorPlace = { worker: 0, slot: NO_SLOT };

/** The leader of the group's partition coordinates the group. */
export function coordinatorAt(topic: TopicMirror, groupId: string): CoordinatorPlace {
  const mirror = topic.partitions[offsetsPartitionOf(groupId, topic.partitions.length)];
  return mirror?.isLeader ? mirror : COORDINATED_ELSEWHERE;
}

/** Which partition of the topic holds a group: Java's hash of the id, as in Kafka. */
export function offsetsPartitionOf(groupId: string, partitionCount: number): number {
  let hash = 0;
  for (let i = 0; i < groupId.length; i++) hash = (hash * 31 + groupId.charCodeAt(i)) | 0;
  return (hash & 0x7fffffff) % partitionCount;
}
