import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { ProducerOutput } from './producer-output.ts';

/**
 * Where changelogs end for the local state: behind what was written, or where the changelog is a
 * source topic, at what is committed of it.
 */
export function committedEnd(
  output: ProducerOutput,
  offsets: readonly OffsetToCommit[],
): (at: TopicPartition) => number | undefined {
  const committed = new Map(offsets.map((each) => [partitionName(each), each.offset]));
  return (at) => committed.get(partitionName(at)) ?? output.endOf(at);
}
