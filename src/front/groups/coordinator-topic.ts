import type { Clock } from '../../base/clock.ts';
import { coordinatorPartitionOf } from '../../base/coordinator-partition.ts';
import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { Logger, RateLimitedLog } from '../../base/logger.ts';
import { NO_SLOT } from '../../exchange/messages.ts';
import type { BrokerSettings } from '../../metadata/config/broker-settings.ts';
import { type MetadataImage, NO_LEADER } from '../../metadata/image.ts';
import type { MetadataChanges } from '../../metadata/metadata-changes.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { PartitionLoader } from '../partitions/partition-loader.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { TopicDirectory } from '../partitions/topic-directory.ts';
import type { TopicMirror } from '../partitions/topic-mirror.ts';
import type { CoordinatorTopic } from './internal-topics.ts';

/** What it takes to create the topic and to open its logs. */
export interface CoordinatorTopicServices {
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
 * The topic is created when the first client asks for a coordinator. Resolves when the workers have
 * its partitions; null where it cannot be created.
 */
export async function ensureTopic(
  topic: CoordinatorTopic,
  services: CoordinatorTopicServices,
): Promise<TopicMirror | null> {
  const known = services.partitions.topicByName(topic.name);
  if (known !== undefined) return known;
  const refused = await commitTopic(topic, services);
  await services.directory.settled();
  const made = services.partitions.topicByName(topic.name);
  if (made !== undefined) return made;
  warnOf(topic, refused ?? 'it was deleted at once', services);
  return null;
}

/** Whether there will be coordinators: true as soon as the topic is in the metadata. */
export async function promiseCoordinators(
  topic: CoordinatorTopic,
  ids: readonly string[],
  services: CoordinatorTopicServices,
): Promise<boolean> {
  if (services.partitions.topicByName(topic.name) === undefined) {
    const refused = await commitTopic(topic, services);
    if (refused !== null) {
      warnOf(topic, refused, services);
      return false;
    }
  }
  const prepared = prepareCoordinators(topic, ids, services);
  inBackground(prepared, onOpeningFailure(topic, services));
  return true;
}

/** null where the topic exists now, or why it cannot be created. */
async function commitTopic(
  topic: CoordinatorTopic,
  services: CoordinatorTopicServices,
): Promise<string | null> {
  const { settings, metadata } = services;
  const wanted = topic.replicas(settings);
  // Controllers refuse more replicas than there are brokers, as an operator expects.
  const isAlone = settings.cluster?.role !== 'broker';
  const replicationFactor = isAlone ? Math.min(wanted, brokerCount(metadata.image)) : wanted;
  const planned = {
    name: topic.name,
    partitions: topic.partitions(settings),
    replicationFactor,
    configs: topic.configs(settings, replicationFactor),
  };
  const [outcome] = await services.changes.createTopics([planned], false);
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

function warnOf(topic: CoordinatorTopic, reason: string, services: CoordinatorTopicServices): void {
  const message = `${topic.name} cannot be made, so no ${topic.serves} can work: ${reason}`;
  services.faults.warn(topic.name, message, services.clock.monotonicMs());
}

function onOpeningFailure(
  topic: CoordinatorTopic,
  { logger }: CoordinatorTopicServices,
): (thrown: unknown) => void {
  return logFailure(logger, `opening ${topic.name}`);
}

/** Has the coordinators' logs opened before their clients come. */
async function prepareCoordinators(
  topic: CoordinatorTopic,
  ids: readonly string[],
  services: CoordinatorTopicServices,
): Promise<void> {
  await services.directory.settled();
  const partitions = services.partitions.topicByName(topic.name)?.partitions ?? [];
  for (const id of ids) {
    const mirror = partitions[coordinatorPartitionOf(id, partitions.length)];
    if (!mirror?.isLeader) continue;
    inBackground(services.loader.load(mirror), onOpeningFailure(topic, services));
  }
}

/** The node that coordinates the id, as the metadata say; NO_LEADER where none does now. */
export function coordinatorIdOf(
  { topicsByName }: MetadataImage,
  topic: CoordinatorTopic,
  id: string,
): number {
  const partitions = topicsByName.get(topic.name)?.partitions ?? [];
  return partitions[coordinatorPartitionOf(id, partitions.length)]?.leader ?? NO_LEADER;
}

/** Where requests for one group or transactional id go. */
export interface CoordinatorPlace {
  readonly worker: number;
  readonly slot: number;
}

/** A worker answers NOT_COORDINATOR for a slot that it does not have. */
const COORDINATED_ELSEWHERE: CoordinatorPlace = { worker: 0, slot: NO_SLOT };

/** The leader of its partition coordinates a group or transactional id. */
export function coordinatorAt(topic: TopicMirror, id: string): CoordinatorPlace {
  return leaderOf(topic, id) ?? COORDINATED_ELSEWHERE;
}

/** The partition that holds the id, where this node leads it. */
export function leaderOf({ partitions }: TopicMirror, id: string): PartitionMirror | null {
  const mirror = partitions[coordinatorPartitionOf(id, partitions.length)];
  return mirror?.isLeader ? mirror : null;
}
