import type { Admin } from '../client/admin/admin.ts';
import { required } from '../client/admin/outcome.ts';
import type { OffsetMark } from '../client/admin/record-admin.ts';
import { partitionName, type TopicPartition } from '../client/topic-partition.ts';

/** The offset of each partition at a time or a mark, by the partition's name. */
export async function offsetsAt(
  admin: Admin,
  partitions: readonly TopicPartition[],
  at: number | OffsetMark,
): Promise<Map<string, number>> {
  const queries = partitions.map(({ topic, partition }) => ({ topic, partition, at }));
  const found = await admin.records.offsets(queries);
  return new Map(found.map((each) => [partitionName(each), required(each.outcome).offset]));
}
