import type { FrontContext } from './front-context.ts';
import type { TopicMirror } from './topic-mirror.ts';

export const OFFSETS_TOPIC = '__consumer_offsets';

/** The topic that holds what groups commit, made when the first group asks for its coordinator. */
export async function ensureOffsetsTopic(front: FrontContext): Promise<TopicMirror | null> {
  const known = front.partitions.topicByName(OFFSETS_TOPIC);
  if (known !== undefined) return known;
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
  // Where two ask at once the second is told that the topic exists, which is as good.
  const [outcome] = await front.controller.createTopics([topic], false);
  await front.directory.settled();
  const made = front.partitions.topicByName(OFFSETS_TOPIC);
  if (made !== undefined) return made;
  const reason = outcome?.refused?.message ?? 'it was deleted at once';
  const message = `${OFFSETS_TOPIC} cannot be made, so no group can work: ${reason}`;
  front.faults.warn(OFFSETS_TOPIC, message, front.clock.monotonicMs());
  return null;
}

/** Has the groups' logs opened while their members are still on their way. */
export function prepareCoordinators(groupIds: readonly string[], front: FrontContext): void {
  const { partitions } = front.partitions.topicByName(OFFSETS_TOPIC)!;
  for (const groupId of groupIds) {
    void front.loader.load(partitions[offsetsPartitionOf(groupId, partitions.length)]!);
  }
}

/** Which partition of the topic holds a group: Java's hash of the id, as in Kafka. */
export function offsetsPartitionOf(groupId: string, partitionCount: number): number {
  let hash = 0;
  for (let i = 0; i < groupId.length; i++) hash = (hash * 31 + groupId.charCodeAt(i)) | 0;
  return (hash & 0x7fffffff) % partitionCount;
}
