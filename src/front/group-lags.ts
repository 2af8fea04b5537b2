import type { GroupSummary } from '../exchange/coordinator-news.ts';
import { OUTCOME } from '../log/outcome.ts';
import { baseTimestamp } from '../records/batch-layout.ts';
import type { FrontContext } from './front-context.ts';
import type { PartitionMirror } from './partition-mirror.ts';

const MS_PER_SECOND = 1000;
/** One batch is read, whatever its size. */
const ONE_BATCH = 1;

/** How far a group is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Records that are there and not committed yet. */
  readonly lag: number;
  /** The age of the oldest of them, to the batch; 0 where there is none or it has no time. */
  readonly lagSeconds: number;
}

export interface GroupLags extends Pick<GroupSummary, 'groupId' | 'type' | 'state' | 'members'> {
  readonly partitions: readonly PartitionLag[];
}

/** What all groups have committed, against the logs as they are now. */
export async function readGroupLags(front: FrontContext): Promise<GroupLags[]> {
  const workers = Array.from({ length: front.workers.workerCount }, (_, worker) => worker);
  const answers = await Promise.all(
    workers.map((worker) => front.workers.control(worker, { kind: 'groups', load: false })),
  );
  const groups = answers.flatMap((answer) => answer.groups ?? []);
  return Promise.all(groups.map((group) => lagsOf(group, front)));
}

async function lagsOf(group: GroupSummary, front: FrontContext): Promise<GroupLags> {
  const { groupId, type, state, members } = group;
  const partitions: PartitionLag[] = [];
  for (const [topic, partition, offset] of group.offsets) {
    const mirror = front.partitions.topicByName(topic)?.partitions[partition];
    if (mirror === undefined) continue;
    await front.loader.load(mirror);
    const lag = Math.max(0, mirror.highWatermark - Math.max(offset, mirror.logStartOffset));
    const lagSeconds = lag === 0 ? 0 : ageOf(mirror, offset, front);
    partitions.push({ topic, partition, offset, lag, lagSeconds });
  }
  return { groupId, type, state, members, partitions };
}

function ageOf(mirror: PartitionMirror, offset: number, front: FrontContext): number {
  const { reader } = mirror;
  if (reader === null) return 0;
  const from = Math.max(offset, mirror.logStartOffset);
  if (reader.readTouched(from, ONE_BATCH, true) !== OUTCOME.OK || reader.length === 0) return 0;
  const timestamp = baseTimestamp(reader.bytes, reader.start);
  if (timestamp < 0) return 0;
  return Math.max(0, front.clock.wallMs() - timestamp) / MS_PER_SECOND;
}
