import type { Admin } from '../client/admin/admin.ts';
import { required } from '../client/admin/outcome.ts';
import type { PartitionDescription } from '../client/admin/topic-description.ts';
import { isKafkaError, KafkaError } from '../client/errors/kafka-error.ts';
import { UsageError } from './usage-error.ts';

/** The partitions of a topic that must be there, of these numbers where some are named. */
export async function topicPartitions(
  admin: Admin,
  topic: string,
  wanted: readonly number[],
): Promise<readonly PartitionDescription[]> {
  const outcome = (await admin.topics.describe([topic])).get(topic);
  if (isKafkaError(outcome, 'UNKNOWN_TOPIC_OR_PARTITION')) {
    const what = `${(outcome as Error).message}; 'millrace topics create ${topic}' makes it`;
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', what, { topic, cause: outcome });
  }
  const { partitions } = required(outcome);
  const missing = wanted.find((number) => partitions.every((each) => each.partition !== number));
  if (missing !== undefined) {
    const count = partitions.length;
    throw new UsageError(`topic ${topic} has ${count} partitions, there is no ${missing}`);
  }
  if (wanted.length === 0) return partitions;
  return partitions.filter(({ partition }) => wanted.includes(partition));
}
