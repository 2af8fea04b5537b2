import { byPlace, partitionName, type TopicPartition } from '../../topic-partition.ts';
import type { GroupAssignment, GroupMember, MemberState, PartitionCounts } from './assignor.ts';
import { byMember } from './member-order.ts';

interface Holder {
  readonly member: GroupMember;
  readonly topics: ReadonlySet<string>;
  held: TopicPartition[];
}

/**
 * The most even assignment that one move after the other leads to, from what the members owned.
 * A partition moves only where the one that gets it holds at least two fewer.
 */
export function stickyAssignment(
  counts: PartitionCounts,
  members: readonly GroupMember[],
  ownedBy: (member: GroupMember) => MemberState,
): GroupAssignment {
  const holders = [...members].sort(byMember).map((member) => {
    const holder: Holder = { member, topics: new Set(member.topics), held: [] };
    return holder;
  });
  const owners = ownersOf(counts, holders, ownedBy);
  for (const [topic, count] of counts) {
    const wanting = holders.filter(({ topics }) => topics.has(topic));
    if (wanting.length === 0) continue;
    for (let partition = 0; partition < count; partition++) {
      const at = { topic, partition };
      owners.get(partitionName(at))?.held.push(at);
    }
  }
  giveOut(counts, holders, owners);
  while (evenOut(holders));
  return new Map(holders.map(({ member, held }) => [member.memberId, [...held].sort(byPlace)]));
}

/** Who keeps what it had. The newest generation wins; two of the same lose it both. */
function ownersOf(
  counts: PartitionCounts,
  holders: readonly Holder[],
  ownedBy: (member: GroupMember) => MemberState,
): Map<string, Holder> {
  const claims = new Map<string, { holder: Holder | null; generation: number }>();
  for (const holder of holders) {
    const { owned, generation } = ownedBy(holder.member);
    for (const at of owned) {
      if (at.partition >= (counts.get(at.topic) ?? 0) || !holder.topics.has(at.topic)) continue;
      const name = partitionName(at);
      const claim = claims.get(name);
      if (claim === undefined || claim.generation < generation) {
        claims.set(name, { holder, generation });
      } else if (claim.generation === generation && claim.holder !== holder) {
        claim.holder = null;
      }
    }
  }
  const owners = new Map<string, Holder>();
  for (const [name, { holder }] of claims) if (holder !== null) owners.set(name, holder);
  return owners;
}

/** What nobody had goes to those that hold the least, topics that few want first. */
function giveOut(
  counts: PartitionCounts,
  holders: readonly Holder[],
  owners: ReadonlyMap<string, Holder>,
): void {
  const topics = [...counts].map(([topic, count]) => ({
    topic,
    count,
    wanting: holders.filter((holder) => holder.topics.has(topic)),
  }));
  topics.sort((one, other) => one.wanting.length - other.wanting.length);
  for (const { topic, count, wanting } of topics) {
    if (wanting.length === 0) continue;
    for (let partition = 0; partition < count; partition++) {
      const at = { topic, partition };
      if (!owners.has(partitionName(at))) leastOf(wanting).held.push(at);
    }
  }
}

/** Moves what makes it more even; false once nothing does. */
function evenOut(holders: readonly Holder[]): boolean {
  const fullestFirst = [...holders].sort((one, other) => other.held.length - one.held.length);
  let hasMoved = false;
  for (const holder of fullestFirst) {
    // What came last moves first, so that the rest stays as it was.
    for (let i = holder.held.length - 1; i >= 0; i--) {
      const at = holder.held[i]!;
      const least = leastOf(holders.filter(({ topics }) => topics.has(at.topic)));
      if (least.held.length + 1 >= holder.held.length) continue;
      holder.held.splice(i, 1);
      least.held.push(at);
      hasMoved = true;
    }
  }
  return hasMoved;
}

function leastOf(holders: readonly Holder[]): Holder {
  let least = holders[0]!;
  for (const each of holders) if (each.held.length < least.held.length) least = each;
  return least;
}
