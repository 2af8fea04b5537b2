import { ERROR } from '../base/kafka-errors.ts';
import type { Cluster } from './cluster.ts';
import { ResponseError } from './response-error.ts';
import { byTopic, partitionName, type TopicPartition } from './topic-partition.ts';

/** What passes while leadership moves. */
export const LEADER_TRANSIENT = [
  ERROR.LEADER_NOT_AVAILABLE,
  ERROR.NOT_LEADER_OR_FOLLOWER,
  ERROR.FENCED_LEADER_EPOCH,
  ERROR.UNKNOWN_LEADER_EPOCH,
  ERROR.OFFSET_NOT_AVAILABLE,
] as const;

/** The leader of each partition that is there, by its name; -1 where it has none now. */
export async function findLeaders(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
): Promise<Map<string, number>> {
  const leaders = new Map<string, number>();
  if (partitions.length === 0) return leaders;
  const { topics } = await cluster.metadata([...byTopic(partitions).keys()]);
  for (const topic of topics) {
    for (const { partitionIndex: partition, leaderId } of topic.partitions) {
      leaders.set(partitionName({ topic: topic.name ?? '', partition }), leaderId);
    }
  }
  return leaders;
}

/** Groups partitions by their leader. Throws where one does not exist or has no leader. */
export async function groupByLeader<T extends TopicPartition>(
  cluster: Cluster,
  partitions: readonly T[],
): Promise<Map<number, T[]>> {
  const leaders = await findLeaders(cluster, partitions);
  const groups = new Map<number, T[]>();
  for (const each of partitions) {
    const name = partitionName(each);
    const leader = leaders.get(name);
    if (leader === undefined) {
      const missing = ERROR.UNKNOWN_TOPIC_OR_PARTITION;
      throw new ResponseError(missing, 'there is no such partition', `partition ${name}`);
    }
    if (leader < 0) throw new ResponseError(ERROR.LEADER_NOT_AVAILABLE, null, `partition ${name}`);
    const list = groups.get(leader);
    if (list === undefined) groups.set(leader, [each]);
    else list.push(each);
  }
  return groups;
}
