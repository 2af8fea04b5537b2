import type { Admin } from '../../client/admin/admin.ts';
import type { CommittedOffset } from '../../client/admin/group-offset-admin.ts';
import { required } from '../../client/admin/outcome.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { CommandArguments } from '../command-arguments.ts';
import { offsetsAt } from '../offsets-at.ts';
import type { TableColumn } from '../table.ts';
import { UsageError } from '../usage-error.ts';
import { parseDateTimeMs, parseDurationMs } from './moment.ts';

/** Where to, as it was asked for. */
export type ResetTarget =
  | { readonly kind: 'earliest' | 'latest' | 'current' }
  | { readonly kind: 'offset' | 'shift' | 'time'; readonly value: number };

export interface PlannedOffset extends TopicPartition {
  /** Null where nothing is committed. */
  readonly currentOffset: number | null;
  readonly newOffset: number;
  /** Why it is not exactly what was asked for. */
  readonly note: string | null;
}

/** The columns of a table of planned offsets. */
export const PLANNED_COLUMNS: readonly TableColumn<PlannedOffset>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', value: ({ partition }) => partition },
  { title: 'CURRENT-OFFSET', value: ({ currentOffset }) => currentOffset },
  { title: 'NEW-OFFSET', value: ({ newOffset }) => newOffset },
  { title: 'NOTE', value: ({ note }) => note },
];

const TARGET_OPTIONS = [
  'to-earliest',
  'to-latest',
  'to-current',
  'to-offset',
  'shift-by',
  'to-datetime',
  'by-duration',
] as const;

/** `otherwise` is meant where none is named; without it one must be. */
export function resetTarget(
  given: CommandArguments,
  nowMs: number,
  otherwise: ResetTarget | null = null,
): ResetTarget {
  const named = TARGET_OPTIONS.filter((name) => given.has(name));
  if (named.length === 0 && otherwise !== null) return otherwise;
  if (named.length !== 1) {
    const options = TARGET_OPTIONS.map((name) => `--${name}`).join(', ');
    throw new UsageError(`expected ${otherwise === null ? 'one' : 'at most one'} of ${options}`);
  }
  switch (named[0]!) {
    case 'to-earliest':
      return { kind: 'earliest' };
    case 'to-latest':
      return { kind: 'latest' };
    case 'to-current':
      return { kind: 'current' };
    case 'to-offset':
      return { kind: 'offset', value: given.integer('to-offset', 0)! };
    case 'shift-by':
      return { kind: 'shift', value: given.integer('shift-by')! };
    case 'to-datetime':
      return { kind: 'time', value: parseDateTimeMs(given.text('to-datetime')!) };
    case 'by-duration':
      return { kind: 'time', value: nowMs - parseDurationMs(given.text('by-duration')!) };
  }
}

/** What each partition would be set to: never outside of what the log holds. */
export async function planReset(
  admin: Admin,
  target: ResetTarget,
  partitions: readonly TopicPartition[],
  committed: readonly CommittedOffset[],
): Promise<PlannedOffset[]> {
  const starts = await offsetsAt(admin, partitions, 'earliest');
  const ends = await offsetsAt(admin, partitions, 'latest');
  const inTime =
    target.kind === 'time' ? await offsetsAt(admin, partitions, target.value) : new Map();
  const current = new Map(committed.map((each) => [partitionName(each), each.offset]));
  return partitions.map((at) => {
    const name = partitionName(at);
    const facts: PartitionFacts = {
      start: starts.get(name)!,
      end: ends.get(name)!,
      current: current.get(name) ?? null,
      inTime: inTime.get(name) ?? -1,
    };
    return { ...at, currentOffset: facts.current, ...placeFor(target, facts) };
  });
}

/** Commits what was planned. Throws where an offset is refused. */
export async function commitPlan(
  admin: Admin,
  group: string,
  planned: readonly PlannedOffset[],
): Promise<void> {
  const offsets = planned.map(({ topic, partition, newOffset: offset }) => {
    return { topic, partition, offset };
  });
  for (const { outcome } of await admin.groupOffsets.alter(group, offsets)) required(outcome);
}

interface PartitionFacts {
  readonly start: number;
  readonly end: number;
  readonly current: number | null;
  /** Of the first record at or after the time asked for, -1 where there is none. */
  readonly inTime: number;
}

interface Place {
  readonly newOffset: number;
  readonly note: string | null;
}

export function placeFor(target: ResetTarget, facts: PartitionFacts): Place {
  const { start, end, current, inTime } = facts;
  switch (target.kind) {
    case 'earliest':
      return { newOffset: start, note: null };
    case 'latest':
      return { newOffset: end, note: null };
    case 'current':
      if (current !== null) return { newOffset: current, note: null };
      return { newOffset: end, note: 'nothing is committed: the end of the log' };
    case 'offset':
      return within(target.value, start, end);
    case 'shift':
      if (current !== null) return within(current + target.value, start, end);
      throw new UsageError('--shift-by needs committed offsets, and some partitions have none');
    case 'time':
      if (inTime >= 0) return { newOffset: inTime, note: null };
      return { newOffset: end, note: 'no record is so new: the end of the log' };
  }
}

function within(wanted: number, start: number, end: number): Place {
  if (wanted < start) return { newOffset: start, note: `${wanted} is before the log: its start` };
  if (wanted > end) return { newOffset: end, note: `${wanted} is behind the log: its end` };
  return { newOffset: wanted, note: null };
}
