import type { Admin } from '../client/admin/admin.ts';
import { KafkaError } from '../client/errors/kafka-error.ts';
import type { TopicPartition } from '../client/topic-partition.ts';

/** Those of the partitions that exist now: groups remember deleted topics. */
export async function existingPartitions(
  admin: Admin,
  partitions: readonly TopicPartition[],
): Promise<TopicPartition[]> {
  const topics = await admin.topics.describe(partitions.map(({ topic }) => topic));
  return partitions.filter(({ topic, partition }) => {
    const described = topics.get(topic);
    if (described === undefined || described instanceof KafkaError) return false;
    return described.partitions.some((each) => each.partition === partition);
  });
}
