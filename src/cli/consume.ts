import type { Admin } from '../client/admin/admin.ts';
import { required } from '../client/admin/outcome.ts';
import type { OffsetMark } from '../client/admin/record-admin.ts';
import type { Cluster } from '../client/cluster.ts';
import { type FetchPosition, RecordFetcher } from '../client/record-fetcher.ts';
import { partitionName, type TopicPartition } from '../client/topic-partition.ts';
import type { DecodedRecord } from '../records/record-iterator.ts';
import type { CommandArguments } from './command-arguments.ts';
import { offsetsAt } from './offsets-at.ts';
import { write, writeJsonLine } from './output.ts';
import { isoTime, jsonBytes, printableBytes } from './printable.ts';
import { UsageError } from './usage-error.ts';
import { withAdmin } from './with-admin.ts';
import { withCluster } from './with-cluster.ts';

const FETCH_LIMITS = { maxWaitMs: 500, maxBytes: 4 * 1024 * 1024 };
const NEWLINE = Buffer.from('\n');

interface Plan {
  readonly topic: string;
  readonly partitions: readonly number[];
  readonly from: number | OffsetMark;
  readonly maxMessages: number;
  readonly untilEnd: boolean;
  readonly isJson: boolean;
  readonly separator: string | null;
}

function planFor(given: CommandArguments): Plan {
  const [topic] = given.operands;
  if (topic === undefined) throw new UsageError('consume: which topic?');
  const format = given.text('format') ?? 'text';
  if (format !== 'text' && format !== 'json') {
    throw new UsageError(`--format ${format}: expected text or json`);
  }
  return {
    topic,
    partitions: given.texts('partition').map((text) => {
      if (!/^\d+$/.test(text)) throw new UsageError(`--partition ${text}: expected an integer`);
      return Number(text);
    }),
    from: startFor(given),
    maxMessages: given.integer('max-messages', 1) ?? Number.POSITIVE_INFINITY,
    untilEnd: given.has('until-end'),
    isJson: format === 'json',
    separator: given.text('key-separator') ?? null,
  };
}

function startFor(given: CommandArguments): number | OffsetMark {
  const text = given.text('from') ?? 'latest';
  if (text === 'earliest') return 'earliest';
  if (text === 'latest') return 'latest';
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new UsageError(`--from ${text}: expected earliest, latest or an offset`);
}

export async function consume(given: CommandArguments): Promise<number> {
  const plan = planFor(given);
  await withAdmin(given, (admin) => {
    return withCluster(given, (cluster) => follow(admin, cluster, plan));
  });
  return 0;
}

async function follow(admin: Admin, cluster: Cluster, plan: Plan): Promise<void> {
  const fetcher = new RecordFetcher(cluster);
  const partitions = await partitionsFor(admin, plan);
  let positions = await startPositions(admin, plan, partitions);
  const ends = plan.untilEnd ? await offsetsAt(admin, partitions, 'latest') : null;
  let left = plan.maxMessages;
  for (;;) {
    const open = positions.filter((each) => each.offset < endOf(ends, each));
    if (open.length === 0 || left === 0) return;
    const next = new Map<string, number>();
    for (const fetched of await fetcher.fetch(open, FETCH_LIMITS)) {
      const end = endOf(ends, fetched);
      const records = fetched.records.filter(({ offset }) => offset < end).slice(0, left);
      left -= records.length;
      for (const record of records) await show(plan, fetched, record);
      next.set(partitionName(fetched), fetched.nextOffset);
    }
    positions = open.map((each) => ({
      ...each,
      offset: next.get(partitionName(each)) ?? each.offset,
    }));
  }
}

function endOf(ends: ReadonlyMap<string, number> | null, at: TopicPartition): number {
  return ends?.get(partitionName(at)) ?? Number.POSITIVE_INFINITY;
}

async function partitionsFor(admin: Admin, plan: Plan): Promise<TopicPartition[]> {
  const { topic } = plan;
  const described = required((await admin.topics.describe([topic])).get(topic));
  const all = described.partitions.map(({ partition }) => partition);
  const missing = plan.partitions.find((partition) => !all.includes(partition));
  if (missing !== undefined) {
    throw new UsageError(`topic ${topic} has ${all.length} partitions, there is no ${missing}`);
  }
  const chosen = plan.partitions.length === 0 ? all : plan.partitions;
  return chosen.map((partition) => ({ topic, partition }));
}

async function startPositions(
  admin: Admin,
  plan: Plan,
  partitions: readonly TopicPartition[],
): Promise<FetchPosition[]> {
  const { from } = plan;
  if (typeof from === 'number') return partitions.map((at) => ({ ...at, offset: from }));
  const starts = await offsetsAt(admin, partitions, from);
  return partitions.map((at) => ({ ...at, offset: starts.get(partitionName(at))! }));
}

async function show(plan: Plan, at: TopicPartition, record: DecodedRecord): Promise<void> {
  const { key, value } = record;
  if (plan.isJson) {
    return writeJsonLine({
      topic: at.topic,
      partition: at.partition,
      offset: record.offset,
      timestamp: isoTime(record.timestamp),
      key: jsonBytes(key),
      value: jsonBytes(value),
      headers: record.headers.map((header) => {
        return { key: header.key, value: jsonBytes(header.value) };
      }),
    });
  }
  // A terminal gets no control characters, a pipe the bytes as they are.
  const shown = process.stdout.isTTY
    ? (bytes: Uint8Array | null) => Buffer.from(printableBytes(bytes))
    : (bytes: Uint8Array | null) => bytes ?? Buffer.from('null');
  const parts = [shown(value), NEWLINE];
  if (plan.separator !== null) parts.unshift(shown(key), Buffer.from(plan.separator));
  return write(Buffer.concat(parts));
}
