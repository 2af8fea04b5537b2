import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import type { ClientRights } from '../../front/requests/client-rights.ts';
import type { Services } from '../../front/requests/front-services.ts';
import type { TopicChoice } from './topic-choice.ts';

const UNKNOWN = -1;

/** The topics as the command `topics` and `GET /topics` list them. */
export function topicRows(
  front: Services<'partitions'>,
  choice: TopicChoice | null,
  rights: ClientRights,
): object[] {
  const rows: object[] = [];
  for (const { name, id, internal, partitions } of front.partitions.topics()) {
    if (choice !== null && !choice.includes(name, internal)) continue;
    if (!rights.allows('DESCRIBE', 'TOPIC', name)) continue;
    const row = { topic: name, topicId: id, internal, partitions: partitions.map(partitionRow) };
    rows.push(row);
  }
  return rows;
}

/** Of a partition that other nodes hold this node knows only that it exists. */
function partitionRow(mirror: PartitionMirror | null, partition: number): object {
  if (mirror === null) return { partition, start: UNKNOWN, end: UNKNOWN, epoch: UNKNOWN };
  const { known, logStartOffset, highWatermark, leaderEpoch } = mirror;
  return {
    partition,
    start: known ? logStartOffset : UNKNOWN,
    end: known ? highWatermark : UNKNOWN,
    epoch: leaderEpoch,
  };
}
