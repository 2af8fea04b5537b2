import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { TopicMirror } from '../partitions/topic-mirror.ts';
import type { FrontContext } from '../requests/front-context.ts';

export const OFFSETS_TOPIC = '__consumer_offsets';

/**
 * The topic that holds what groups commit, made when the first group asks for its coordinator.
 * Resolves when the workers have its partitions; null where it cannot be made.
 */
export async function ensureOffsetsTopic(front: FrontContext): Promise<TopicMirror | null> {
  const known = front.partitions.topicByName(OFFSETS_TOPIC);
  if (known !== undefined) return known;
  const refused = await commitOffsetsTopic(front);
  await front.directory.settled();
  const made = front.partitions.topicByName(OFFSETS_TOPIC);
  if (made !== undefined) return made;
  warnOf(refused ?? 'it was deleted at once', front);
  return null;
}

/** Whether there will be coordinators: true as soon as the metadata says so. */
export async function promiseCoordinators(
  groupIds: readonly string[],
  front: FrontContext,
): Promise<boolean> {
  if (front.partitions.topicByName(OFFSETS_TOPIC) === undefined) {
    const refused = await commitOffsetsTopic(front);
    if (refused !== null) {
      warnOf(refused, front);
      return false;
    }
  }
  inBackground(prepareCoordinators(groupIds, front), onOpeningFailure(front));
  return true;
}

/** null where it is there, or why it cannot be. */
async function commitOffsetsTopic(front: FrontContext): Promise<string | null> {
  const { offsetsPartitions, offsetsSegmentBytes } = front.settings.groups;
  const topic = {
    name: OFFSETS_TOPIC,
    partitions: offsetsPartitions,
    replicationFactor: 1,
    configs: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'compression.type', value: 'producer' },
      { name: 'segment.bytes', value: String(offsetsSegmentBytes) },
    ],
  };
  const [outcome] = await front.changes.createTopics([topic], false);
  const refused = outcome?.refused ?? null;
  // Where two ask at once the second is told that the topic exists, which is as good.
  if (refused === null || refused.errorCode === ERROR.TOPIC_ALREADY_EXISTS) return null;
  return refused.message;
}

function warnOf(reason: string, front: FrontContext): void {
  const message = `${OFFSETS_TOPIC} cannot be made, so no group can work: ${reason}`;
  front.faults.warn(OFFSETS_TOPIC, message, front.clock.monotonicMs());
}

function onOpeningFailure(front: FrontContext): (thrown: unknown) => void {
  return logFailure(front.logger, `opening ${OFFSETS_TOPIC}`);
}

/** Has the groups' logs opened while their members are still on their way. */
async function prepareCoordinators(
  groupIds: readonly string[],
  front: FrontContext,
): Promise<void> {
  await front.directory.settled();
  const partitions = front.partitions.topicByName(OFFSETS_TOPIC)?.partitions ?? [];
  if (partitions.length === 0) return;
  for (const groupId of groupIds) {
    const mirror = partitions[offsetsPartitionOf(groupId, partitions.length)]!;
    inBackground(front.loader.load(mirror), onOpeningFailure(front));
  }
}

/** Which partition of the topic holds a group: Java's hash of the id, as in Kafka. */
export function offsetsPartitionOf(groupId: string, partitionCount: number): number {
  let hash = 0;
  for (let i = 0; i < groupId.length; i++) hash = (hash * 31 + groupId.charCodeAt(i)) | 0;
  return (hash & 0x7fffffff) % partitionCount;
}
