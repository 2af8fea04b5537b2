import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import type { Services } from '../../front/requests/front-services.ts';
import type { TopicChoice } from './topic-choice.ts';

const UNKNOWN = -1;

/** The topics as the command `topics` and `GET /topics` list them. */
export function topicRows(front: Services<'partitions'>, choice: TopicChoice | null): object[] {
  const rows: object[] = [];
  for (const { name, id, internal, partitions } of front.partitions.topics()) {
    if (choice !== null && !choice.includes(name, internal)) continue;
    const row = { topic: name, topicId: id, internal, partitions: partitions.map(partitionRow) };
    rows.push(row);
  }
  return rows;
}

function partitionRow(mirror: PartitionMirror): object {
  const { index, known, logStartOffset, highWatermark, leaderEpoch } = mirror;
  return {
    partition: index,
    start: known ? logStartOffset : UNKNOWN,
    end: known ? highWatermark : UNKNOWN,
    epoch: leaderEpoch,
  };
}
