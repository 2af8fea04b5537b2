import type { Assignment } from './assignment.ts';
import type { AssignorMember } from './assignor.ts';

/** Overlapping subscriptions may take several rounds to even out; rarely as many as this. */
const MAX_ROUNDS = 16;
const NOBODY = -1;

/** A member while it is being served, with the number of partitions it has so far. */
interface Bearer {
  readonly member: AssignorMember;
  readonly rank: number;
  load: number;
}

/** A topic while it is being shared out. */
interface Share {
  readonly topicId: string;
  readonly subscribers: Bearer[];
  /** The rank of each partition's bearer, or NOBODY. */
  readonly owners: Int32Array;
}

/**
 * Gives every member as many partitions as the next, within one, where subscriptions allow it, and
 * moves no more than that takes: everyone first keeps what it has, free partitions go to those who
 * have least, and only then are partitions taken from those who have most.
 */
export function assignUniformly(
  members: readonly AssignorMember[],
  partitionCount: (topicId: string) => number,
): Map<string, Assignment> {
  const bearers = members.map((member, rank): Bearer => ({ member, rank, load: 0 }));
  const shares = sharesOf(bearers, partitionCount);
  for (const bearer of bearers) keep(bearer, shares);
  const ordered = [...shares.values()].sort(compareShares);
  for (const share of ordered) giveOut(share);
  evenOut(
    ordered.filter(({ subscribers }) => subscribers.length > 1),
    bearers,
  );
  return resultOf(bearers, shares);
}

function sharesOf(
  bearers: readonly Bearer[],
  partitionCount: (topicId: string) => number,
): Map<string, Share> {
  const shares = new Map<string, Share>();
  for (const bearer of bearers) {
    for (const topicId of bearer.member.topicIds) {
      let share = shares.get(topicId);
      if (share === undefined) {
        const owners = new Int32Array(partitionCount(topicId)).fill(NOBODY);
        share = { topicId, subscribers: [], owners };
        shares.set(topicId, share);
      }
      share.subscribers.push(bearer);
    }
  }
  return shares;
}

/** Everyone keeps what it has and still may have. */
function keep(bearer: Bearer, shares: ReadonlyMap<string, Share>): void {
  for (const topicId of bearer.member.topicIds) {
    const { owners } = shares.get(topicId)!;
    for (const partition of bearer.member.target.get(topicId) ?? []) {
      if (partition >= owners.length || owners[partition] !== NOBODY) continue;
      owners[partition] = bearer.rank;
      bearer.load++;
    }
  }
}

/** Topics with most partitions a subscriber go first: the others can fill the gaps they leave. */
function compareShares(one: Share, other: Share): number {
  const density = ({ owners, subscribers }: Share) => owners.length / subscribers.length;
  const order = density(other) - density(one) || one.subscribers.length - other.subscribers.length;
  return order !== 0 ? order : one.topicId < other.topicId ? -1 : 1;
}

/** Free partitions go, in rounds, to the subscribers that have least. */
function giveOut(share: Share): void {
  const free: number[] = [];
  share.owners.forEach((owner, partition) => {
    if (owner === NOBODY) free.push(partition);
  });
  if (free.length === 0) return;
  const waiting = [...share.subscribers].sort((one, other) => one.load - other.load);
  let level = 0;
  let at = 0;
  for (const partition of free) {
    // Those before `level` have all been raised to the same load; the next joins them there.
    if (at === level) {
      at = 0;
      if (level === 0) level = 1;
      while (level < waiting.length && waiting[level]!.load <= waiting[0]!.load) level++;
    }
    const bearer = waiting[at++]!;
    share.owners[partition] = bearer.rank;
    bearer.load++;
  }
}

/** Moves partitions from those who have most to those who have least, topic by topic. */
function evenOut(shares: readonly Share[], bearers: readonly Bearer[]): void {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let hasMoved = false;
    for (const share of shares) hasMoved = evenOutTopic(share, bearers) || hasMoved;
    if (!hasMoved) return;
  }
}

function evenOutTopic(share: Share, bearers: readonly Bearer[]): boolean {
  let least = share.subscribers[0]!;
  let most = 0;
  for (const bearer of share.subscribers) {
    if (bearer.load < least.load) least = bearer;
    most = Math.max(most, bearer.load);
  }
  if (most - least.load <= 1) return false;
  const byOwner = new Map<number, number[]>();
  share.owners.forEach((owner, partition) => {
    const held = byOwner.get(owner);
    if (held === undefined) byOwner.set(owner, [partition]);
    else held.push(partition);
  });
  let hasMoved = false;
  for (;;) {
    const giver = mostLoadedOf(byOwner, bearers);
    const taker = leastLoadedOf(share.subscribers);
    if (giver === null || giver.load - taker.load <= 1) return hasMoved;
    const partition = byOwner.get(giver.rank)!.pop()!;
    const held = byOwner.get(taker.rank);
    if (held === undefined) byOwner.set(taker.rank, [partition]);
    else held.push(partition);
    share.owners[partition] = taker.rank;
    giver.load--;
    taker.load++;
    hasMoved = true;
  }
}

/** The member with most partitions among those that have one of this topic to give. */
function mostLoadedOf(
  byOwner: ReadonlyMap<number, number[]>,
  bearers: readonly Bearer[],
): Bearer | null {
  let most: Bearer | null = null;
  for (const [rank, held] of byOwner) {
    if (held.length === 0) continue;
    const bearer = bearers[rank]!;
    if (most === null || bearer.load > most.load) most = bearer;
  }
  return most;
}

function leastLoadedOf(subscribers: readonly Bearer[]): Bearer {
  let least = subscribers[0]!;
  for (const bearer of subscribers) if (bearer.load < least.load) least = bearer;
  return least;
}

function resultOf(
  bearers: readonly Bearer[],
  shares: ReadonlyMap<string, Share>,
): Map<string, Assignment> {
  const result = new Map<string, Map<string, Set<number>>>();
  for (const { member } of bearers) result.set(member.memberId, new Map());
  for (const { topicId, owners } of shares.values()) {
    owners.forEach((rank, partition) => {
      const share = result.get(bearers[rank]!.member.memberId)!;
      const partitions = share.get(topicId);
      if (partitions === undefined) share.set(topicId, new Set([partition]));
      else partitions.add(partition);
    });
  }
  return result;
}
