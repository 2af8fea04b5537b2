import { API } from '../../protocol/api-keys.ts';
import { GroupOffsets, NO_MEMBER } from '../consumer/offsets/group-offsets.ts';
import { OffsetFinder } from '../consumer/offsets/offset-finder.ts';
import { END } from '../consumer/offsets/reset-policy.ts';
import { LANE } from '../net/lane.ts';
import type { AdminParts } from './admin.ts';
import type { FetchedOffsets } from './admin-types.ts';
import { invalid, requireGroupId, requirePartitions, requireTopic } from './checks.ts';
import { KafkaJSBrokerNotFound, KafkaJSDeleteTopicRecordsError } from './errors.ts';
import { describeGroups } from './group-requests.ts';
import { facadeError, protocolError, translated } from './protocol-error.ts';
import { retried } from './retry.ts';
import type { PartitionOffset } from './types.ts';

const DELETE_TIMEOUT_MS = 5_000;
/** The last version of OffsetFetch about one group. */
const ONE_GROUP_VERSION = 7;

async function partitionsOf({ cluster }: AdminParts, topic: string): Promise<number[]> {
  await cluster.addMultipleTargetTopics([topic]);
  const partitions = cluster.findTopicPartitionMetadata(topic);
  return partitions.map(({ partitionId }) => partitionId);
}

/** The offset of each partition at the time, -1 where no record is so new. */
async function offsetsAt(parts: AdminParts, topic: string, time: number): Promise<number[]> {
  const { cluster, retry } = parts;
  const partitions = await partitionsOf(parts, topic);
  const link = await cluster.link();
  const wanted = partitions.map((partition) => ({ topic, partition, time }));
  return retried(retry, async () => {
    const found = await translated(() => new OffsetFinder(link, false).tryFind(wanted));
    const failed = found.find(({ error }) => error !== null)?.error ?? null;
    if (failed !== null) {
      await cluster.refreshMetadata();
      throw facadeError(failed);
    }
    return found.map(({ offset }) => offset);
  });
}

export async function fetchTopicOffsets(parts: AdminParts, topic: string) {
  requireTopic(topic);
  const [high, low] = await Promise.all([
    offsetsAt(parts, topic, END.LATEST),
    offsetsAt(parts, topic, END.EARLIEST),
  ]);
  return high.map((offset, partition) => ({
    partition,
    offset: String(offset),
    high: String(offset),
    low: String(low[partition]),
  }));
}

/**
 * The first offset that is as new as the time, the end where there is none. Messages have their
 * time as text, and programs pass it on.
 */
export async function offsetsByTimestamp(
  parts: AdminParts,
  topic: string,
  timestamp: number | string | undefined,
): Promise<PartitionOffset[]> {
  requireTopic(topic);
  const [high, found] = await Promise.all([
    offsetsAt(parts, topic, END.LATEST),
    offsetsAt(parts, topic, Number(timestamp ?? END.LATEST)),
  ]);
  return found.map((offset, partition) => {
    return { partition, offset: String(offset >= 0 ? offset : high[partition]) };
  });
}

export async function fetchOffsets(
  parts: AdminParts,
  options: {
    readonly groupId: string;
    readonly topics?: string[] | undefined;
    readonly resolveOffsets?: boolean | undefined;
  },
): Promise<FetchedOffsets[]> {
  const { groupId, topics = [], resolveOffsets = false } = options;
  requireGroupId(groupId);
  if (!Array.isArray(topics)) throw invalid('Expected topics array to be set');
  const wanted = await Promise.all(
    topics.map(async (name) => ({ name, partitionIndexes: await partitionsOf(parts, name) })),
  );
  const answer = await parts.cluster.askCoordinator(groupId, (connection) =>
    connection.ask(
      API.OFFSET_FETCH,
      { groupId, topics: wanted.length === 0 ? null : wanted },
      { maxVersion: ONE_GROUP_VERSION },
    ),
  );
  if (answer.errorCode !== 0) throw protocolError(answer.errorCode);
  const found = answer.topics.map(({ name, partitions }) => ({
    topic: name,
    partitions: partitions.map(({ partitionIndex, committedOffset, metadata, errorCode }) => {
      if (errorCode !== 0) throw protocolError(errorCode);
      const offset = String(committedOffset);
      return { partition: partitionIndex, offset, metadata: metadata || null };
    }),
  }));
  if (!resolveOffsets) return found;
  return Promise.all(found.map((each) => resolved(parts, groupId, each)));
}

/** The offsets that stand for the ends, replaced by numbers and committed so. */
async function resolved(parts: AdminParts, groupId: string, { topic, partitions }: FetchedOffsets) {
  const ends = await fetchTopicOffsets(parts, topic);
  const numbers = partitions.map((each) => {
    const end = ends[each.partition];
    if (Number(each.offset) === END.EARLIEST) return { ...each, offset: end?.low ?? '0' };
    if (Number(each.offset) === END.LATEST) return { ...each, offset: end?.high ?? '0' };
    return each;
  });
  await setOffsets(parts, { groupId, topic, partitions: numbers });
  return { topic, partitions: numbers };
}

export async function resetOffsets(
  parts: AdminParts,
  options: {
    readonly groupId: string;
    readonly topic: string;
    readonly earliest?: boolean | undefined;
  },
): Promise<void> {
  const { groupId, topic, earliest = false } = options;
  requireGroupId(groupId);
  if (!topic) throw invalid(`Invalid topic ${topic}`);
  const offset = String(earliest ? END.EARLIEST : END.LATEST);
  const partitions = (await partitionsOf(parts, topic)).map((partition) => ({ partition, offset }));
  await setOffsets(parts, { groupId, topic, partitions });
}

export async function setOffsets(
  { cluster, retry }: AdminParts,
  options: {
    readonly groupId: string;
    readonly topic: string;
    readonly partitions: readonly PartitionOffset[];
  },
): Promise<void> {
  const { groupId, topic, partitions } = options;
  requireGroupId(groupId);
  if (!topic) throw invalid(`Invalid topic ${topic}`);
  requirePartitions(partitions);
  const [description] = await describeGroups(cluster, [groupId]);
  const state = description?.state ?? 'Dead';
  if (state !== 'Empty' && state !== 'Dead') {
    const what = 'The consumer group must have no running instances';
    throw invalid(`${what}, current state: ${state}`);
  }
  const offsets = partitions.map(({ partition, offset, metadata }) => {
    return { topic, partition, offset: Number(offset), metadata: metadata ?? '' };
  });
  const group = new GroupOffsets(await cluster.link(), groupId);
  await retried(retry, () => translated(() => group.commit(offsets, NO_MEMBER)));
}

export async function deleteTopicRecords(
  parts: AdminParts,
  { topic, partitions }: { readonly topic: string; readonly partitions: PartitionOffset[] },
): Promise<void> {
  const { cluster, retry, logger } = parts;
  if (!topic || typeof topic !== 'string') throw invalid(`Invalid topic "${topic}"`);
  requirePartitions(partitions);
  const ends = await fetchTopicOffsets(parts, topic);
  const missing = partitions.filter(({ partition }) => ends[partition] === undefined);
  if (missing.length > 0) {
    const text = 'Could not find the leader for the partition';
    const error = new KafkaJSBrokerNotFound(text, { retriable: false });
    const failed = missing.map(({ partition, offset }) => ({ partition, offset, error }));
    throw new KafkaJSDeleteTopicRecordsError({ topic, partitions: failed });
  }
  for (const { partition, offset } of partitions) {
    if (Number(offset) >= Number(ends[partition]!.low) || Number(offset) === -1) continue;
    const what = 'The requested offset is before the earliest offset maintained on the partition';
    const end = 'no records will be deleted from this partition';
    logger.warn(`${what} - ${end}`, { topic, partition, offset });
  }
  let left = partitions;
  await retried(retry, async () => {
    const failed = await deleteBefore(parts, topic, left);
    left = left.filter(({ partition }) => failed.some((each) => each.partition === partition));
    if (failed.length === 0) return;
    await cluster.refreshMetadata();
    throw new KafkaJSDeleteTopicRecordsError({ topic, partitions: failed });
  });
}

/** One attempt at each leader. What failed, with its error. */
async function deleteBefore(
  { cluster }: AdminParts,
  topic: string,
  partitions: readonly PartitionOffset[],
) {
  const numbers = partitions.map(({ partition }) => partition);
  const byLeader = Object.entries(cluster.findLeaderForPartitions(topic, numbers));
  const link = await cluster.link();
  const failed = byLeader.map(async ([nodeId, own]) => {
    const wanted = partitions.filter(({ partition }) => own.includes(partition));
    const answer = await translated(async () => {
      const connection = await link.network.connect(Number(nodeId), LANE.CONTROL);
      return connection.ask(API.DELETE_RECORDS, {
        topics: [{ name: topic, partitions: wanted.map(recordMark) }],
        timeoutMs: DELETE_TIMEOUT_MS,
      });
    });
    return answer.topics.flatMap((each) =>
      each.partitions
        .filter(({ errorCode }) => errorCode !== 0)
        .map(({ partitionIndex: partition, errorCode }) => {
          const offset = wanted.find((one) => one.partition === partition)?.offset ?? '-1';
          return { partition, offset, error: protocolError(errorCode) };
        }),
    );
  });
  return (await Promise.all(failed)).flat();
}

function recordMark({ partition, offset }: PartitionOffset) {
  return { partitionIndex: partition, offset: Number(offset) };
}
