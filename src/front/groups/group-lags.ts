import type { Clock } from '../../base/clock.ts';
import type { GroupSummary } from '../../exchange/group-messages.ts';
import { OUTCOME } from '../../log/outcome.ts';
import { baseTimestamp } from '../../records/batch-layout.ts';
import type { PartitionLoader } from '../partitions/partition-loader.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { Workers } from '../partitions/workers.ts';

const MS_PER_SECOND = 1000;
/** One batch is read, whatever its size. */
const ONE_BATCH = 1;
const NOT_COMMITTED = -1;

export interface LagServices {
  readonly clock: Clock;
  readonly partitions: Partitions;
  readonly workers: Workers;
  readonly loader: PartitionLoader;
}

/** How far a group is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** -1 where the group has committed in other partitions of the topic only. */
  readonly offset: number;
  /** From there to the end of the log, as kafka_exporter counts; -1 without an offset. */
  readonly lag: number;
  /** The age of the oldest record in between, to the batch; 0 for none and one without a time. */
  readonly lagSeconds: number;
}

export interface GroupLags extends Pick<GroupSummary, 'groupId' | 'type' | 'state' | 'members'> {
  readonly partitions: readonly PartitionLag[];
}

/** How far all groups are behind in the partitions that they have committed offsets for. */
export async function readGroupLags(services: LagServices): Promise<GroupLags[]> {
  const workers = Array.from({ length: services.workers.workerCount }, (_, worker) => worker);
  const answers = await Promise.all(
    workers.map((worker) => services.workers.control(worker, { kind: 'groups', load: false })),
  );
  const groups = answers.flatMap((answer) => (answer.error === 0 ? answer.groups : []));
  return Promise.all(groups.map((group) => lagsOf(group, services)));
}

async function lagsOf(group: GroupSummary, services: LagServices): Promise<GroupLags> {
  const { groupId, type, state, members } = group;
  const partitions: PartitionLag[] = [];
  for (const [topic, offsets] of offsetsByTopic(group)) {
    for (const mirror of services.partitions.topicByName(topic)?.held ?? []) {
      partitions.push(await lagOf(mirror, offsets.get(mirror.index) ?? NOT_COMMITTED, services));
    }
  }
  return { groupId, type, state, members, partitions };
}

function offsetsByTopic(group: GroupSummary): Map<string, Map<number, number>> {
  const topics = new Map<string, Map<number, number>>();
  for (const [topic, partition, offset] of group.offsets) {
    const offsets = topics.get(topic);
    if (offsets === undefined) topics.set(topic, new Map([[partition, offset]]));
    else offsets.set(partition, offset);
  }
  return topics;
}

async function lagOf(
  mirror: PartitionMirror,
  offset: number,
  services: LagServices,
): Promise<PartitionLag> {
  const place = { topic: mirror.topic, partition: mirror.index, offset };
  if (offset === NOT_COMMITTED) return { ...place, lag: NOT_COMMITTED, lagSeconds: 0 };
  await services.loader.load(mirror);
  const { highWatermark, logStartOffset } = mirror;
  const isAllRead = Math.max(offset, logStartOffset) >= highWatermark;
  const lagSeconds = isAllRead ? 0 : ageOf(mirror, offset, services);
  return { ...place, lag: highWatermark - offset, lagSeconds };
}

function ageOf(mirror: PartitionMirror, offset: number, services: LagServices): number {
  const { reader } = mirror;
  if (reader === null) return 0;
  const from = Math.max(offset, mirror.logStartOffset);
  if (reader.readTouched(from, ONE_BATCH, true) !== OUTCOME.OK || reader.length === 0) return 0;
  const timestamp = baseTimestamp(reader.bytes, reader.start);
  if (timestamp < 0) return 0;
  return Math.max(0, services.clock.wallMs() - timestamp) / MS_PER_SECOND;
}
