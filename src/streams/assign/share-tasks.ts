import type { TopicPartition } from '../../client/topic-partition.ts';
import { LATEST_OFFSET, type MemberData } from './member-data.ts';

/** A task that is shared out. */
export interface SharedTask {
  /** Such as `0_3`. */
  readonly name: string;
  readonly partitions: readonly TopicPartition[];
  /** The member that runs it now; null where that one is gone. */
  readonly owner: string | null;
  /** The process of that member: its threads have the same state directory. */
  readonly process: string | null;
  /** Whether it has changelogs, so that another member must restore it first. */
  readonly isStateful: boolean;
  /** The sum of its changelogs' ends; undefined where they are not known. */
  readonly end: number | undefined;
}

/** A member, with what it said when it joined. */
export interface SharingMember {
  readonly memberId: string;
  readonly data: MemberData;
}

/** Kafka's settings of the same names. */
export interface ShareSettings {
  readonly numStandbyReplicas: number;
  readonly maxWarmupReplicas: number;
  readonly acceptableRecoveryLag: number;
  /** Tags in which copies of a task should differ. */
  readonly rackAwareAssignmentTags: readonly string[];
}

/** What one member gets. */
export class MemberShare {
  readonly memberId: string;
  readonly data: MemberData;
  readonly active: SharedTask[] = [];
  readonly standby: SharedTask[] = [];
  readonly warmup: SharedTask[] = [];

  constructor({ memberId, data }: SharingMember) {
    this.memberId = memberId;
    this.data = data;
  }

  holds(task: SharedTask): boolean {
    return [this.active, this.standby, this.warmup].some((list) => list.includes(task));
  }

  /** How much of the task's changelogs is missing here. */
  lag(task: SharedTask): number {
    if (!task.isStateful || task.process === this.data.processId) return 0;
    const offset = this.data.offsets[task.name] ?? 0;
    if (offset === LATEST_OFFSET) return 0;
    return task.end === undefined ? Number.POSITIVE_INFINITY : Math.max(task.end - offset, 0);
  }

  /** Whether something of the task's state is here. */
  hasState({ name }: SharedTask): boolean {
    return this.data.offsets[name] !== undefined;
  }
}

/** Who gets what, and whether it is as it shall be in the end. */
export interface Shares {
  readonly shares: readonly MemberShare[];
  /** False where tasks wait for their warm-ups: another assignment should follow. */
  readonly isFinal: boolean;
}

/**
 * Shares tasks out as KIP-441 does. Members run equally many, and tasks stay where they are. A task
 * that would move to a member without its state stays, and a warm-up of it begins there. Each task
 * with state gets its copies on other processes, with other tags where there are any.
 */
export function shareTasks(
  tasks: readonly SharedTask[],
  members: readonly SharingMember[],
  settings: ShareSettings,
): Shares {
  const shares = members.map((member) => new MemberShare(member));
  shares.sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
  const isFinal = placeActives(tasks, shares, settings);
  placeStandbys(tasks, shares, settings);
  return { shares, isFinal };
}

function placeActives(
  tasks: readonly SharedTask[],
  shares: readonly MemberShare[],
  { acceptableRecoveryLag, maxWarmupReplicas }: ShareSettings,
): boolean {
  const ideal = balanced(tasks, shares, acceptableRecoveryLag);
  let warmups = maxWarmupReplicas;
  let isFinal = true;
  for (const task of tasks) {
    const wanted = ideal.get(task)!;
    const best = bestOf(task, shares, wanted);
    if (best === wanted || wanted.lag(task) <= acceptableRecoveryLag) {
      wanted.active.push(task);
      continue;
    }
    best.active.push(task);
    isFinal = false;
    if (warmups-- > 0) wanted.warmup.push(task);
  }
  return isFinal;
}

/** Members keep what they have up to their share; the rest goes to those that hold the least. */
function balanced(
  tasks: readonly SharedTask[],
  shares: readonly MemberShare[],
  acceptableLag: number,
): ReadonlyMap<SharedTask, MemberShare> {
  const least = Math.floor(tasks.length / shares.length);
  let larger = tasks.length % shares.length;
  const loads = new Map(shares.map((share) => [share, 0]));
  const ideal = new Map<SharedTask, MemberShare>();
  const give = (task: SharedTask, share: MemberShare) => {
    ideal.set(task, share);
    loads.set(share, loads.get(share)! + 1);
  };
  const homeless: SharedTask[] = [];
  for (const task of tasks) {
    const home = homeOf(task, shares, acceptableLag);
    const load = home === undefined ? Number.POSITIVE_INFINITY : loads.get(home)!;
    const isLarger = load === least && larger > 0;
    if (home === undefined || (load >= least && !isLarger)) {
      homeless.push(task);
      continue;
    }
    if (isLarger) larger--;
    give(task, home);
  }
  for (const task of homeless) {
    const order = (one: MemberShare, other: MemberShare) =>
      loads.get(one)! - loads.get(other)! || one.lag(task) - other.lag(task) || 0;
    give(task, leastOf(shares, order));
  }
  return ideal;
}

/** Who runs the task, was promised it, or else has its state: the one that misses least. */
function homeOf(
  task: SharedTask,
  shares: readonly MemberShare[],
  acceptableLag: number,
): MemberShare | undefined {
  if (task.owner !== null) return shares.find(({ memberId }) => memberId === task.owner);
  const promised = shares.find(({ data }) => data.next.includes(task.name));
  if (promised !== undefined) return promised;
  const near = shares.filter((share) => share.hasState(task) && share.lag(task) <= acceptableLag);
  return near.length === 0 ? undefined : leastOf(near, (one, other) => byLag(task, one, other));
}

/** Who can go on with the task soonest; `wanted` where nobody is better. */
function bestOf(
  task: SharedTask,
  shares: readonly MemberShare[],
  wanted: MemberShare,
): MemberShare {
  if (!task.isStateful) return wanted;
  const owner = shares.find(({ memberId }) => memberId === task.owner);
  if (owner !== undefined) return owner;
  const best = leastOf(shares, (one, other) => byLag(task, one, other));
  return best.lag(task) < wanted.lag(task) ? best : wanted;
}

function byLag(task: SharedTask, one: MemberShare, other: MemberShare): number {
  const [less, more] = [one.lag(task), other.lag(task)];
  return less === more ? 0 : less - more;
}

function placeStandbys(
  tasks: readonly SharedTask[],
  shares: readonly MemberShare[],
  settings: ShareSettings,
): void {
  const { numStandbyReplicas: copies, rackAwareAssignmentTags: tagNames } = settings;
  const stateful = tasks.filter(({ isStateful }) => isStateful);
  const fair = Math.ceil((stateful.length * copies) / shares.length);
  for (let copy = 0; copy < copies; copy++) {
    for (const task of stateful) {
      const holders = shares.filter((share) => share.holds(task));
      const processes = new Set(holders.map(({ data }) => data.processId));
      const free = shares.filter(({ data }) => !processes.has(data.processId));
      if (free.length === 0) continue;
      const costOf = (share: MemberShare) => [
        sameTags(share, holders, tagNames),
        share.standby.length >= fair ? 1 : 0,
        share.hasState(task) ? 0 : 1,
        share.standby.length + share.active.length,
      ];
      leastOf(free, (one, other) => compareLists(costOf(one), costOf(other))).standby.push(task);
    }
  }
}

/** In how many tags a member is where the task is already. */
function sameTags(
  { data }: MemberShare,
  holders: readonly MemberShare[],
  names: readonly string[],
): number {
  return names.filter((name) => {
    return holders.some((holder) => holder.data.tags[name] === data.tags[name]);
  }).length;
}

function compareLists(one: readonly number[], other: readonly number[]): number {
  for (const [i, value] of one.entries()) if (value !== other[i]) return value - other[i]!;
  return 0;
}

/** The first of those that come first in the order. */
function leastOf<T>(list: readonly T[], order: (one: T, other: T) => number): T {
  return list.reduce((least, each) => (order(each, least) < 0 ? each : least));
}
