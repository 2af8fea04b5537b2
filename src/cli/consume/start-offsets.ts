import type { Consumer } from '../../client/consumer/consumer.ts';
import type { FoundOffset } from '../../client/consumer/offsets/offset-finder.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { StartPoint } from './start-point.ts';

type Bytes = Uint8Array | null;

interface PartitionStart extends TopicPartition {
  readonly offset: number;
}

/** Where each partition is read from; none where the group's committed offsets say it. */
export async function startOffsets(
  consumer: Consumer<Bytes, Bytes>,
  start: StartPoint,
  partitions: readonly TopicPartition[],
): Promise<PartitionStart[]> {
  if (start.at === 'stored') return [];
  const [firsts, ends] = await Promise.all([
    consumer.beginningOffsets(partitions),
    consumer.endOffsets(partitions),
  ]);
  const first = offsets(firsts);
  const end = offsets(ends);
  const times =
    start.at === 'time'
      ? offsets(
          await consumer.offsetsForTimes(
            partitions.map((at) => ({ ...at, timestamp: start.timeMs })),
          ),
        )
      : null;
  return partitions.map((at) => {
    const name = partitionName(at);
    const [least, most] = [first.get(name)!, end.get(name)!];
    const found = times?.get(name) ?? -1;
    return { ...at, offset: offsetFor(start, at, { least, most, found }) };
  });
}

function offsetFor(
  start: StartPoint,
  at: TopicPartition,
  { least, most, found }: { least: number; most: number; found: number },
): number {
  switch (start.at) {
    case 'earliest':
      return least;
    case 'tail':
      return Math.max(least, most - start.count);
    case 'time':
      return found < 0 ? most : found;
    case 'offset': {
      const { offset } = start;
      if (offset >= least && offset <= most) return offset;
      const where = `partition ${partitionName(at)}, offset ${offset}`;
      throw new KafkaError('OFFSET_OUT_OF_RANGE', `${where}: there are ${least} to ${most}`, at);
    }
    default:
      return most;
  }
}

function offsets(found: readonly FoundOffset[]): Map<string, number> {
  return new Map(
    found.map(({ offset, error, ...at }) => {
      if (error !== null) throw error;
      return [partitionName(at), offset];
    }),
  );
}
