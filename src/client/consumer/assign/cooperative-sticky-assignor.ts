import { partitionName } from '../../topic-partition.ts';
import type { GroupAssignment, GroupMember, PartitionAssignor } from './assignor.ts';
import { ProtocolReader } from './protocol-reader.ts';
import { ProtocolWriter } from './protocol-writer.ts';
import { stickyAssignment } from './sticky-assignment.ts';

/**
 * The same assignment as the sticky one in two steps: a partition that moves is first taken from
 * its owner, and given out when the group joins again.
 */
export const cooperativeStickyAssignor: PartitionAssignor = {
  name: 'cooperative-sticky',
  protocol: 'cooperative',
  userData: ({ generation }) => new ProtocolWriter().int32(generation).finish(),
  assign(counts, members) {
    const assignment = stickyAssignment(counts, members, (member) => ({
      owned: member.owned,
      generation: generationOf(member),
    }));
    return withoutMoves(assignment, members);
  },
};

/** From the third version of the subscription on it stands there, before in the user data. */
function generationOf({ generation, userData }: GroupMember): number {
  if (generation >= 0 || userData === null) return generation;
  return ProtocolReader.tryRead(userData, (reader) => reader.int32()) ?? generation;
}

function withoutMoves(
  assignment: GroupAssignment,
  members: readonly GroupMember[],
): GroupAssignment {
  const owners = new Map<string, Set<string>>();
  for (const { memberId, owned } of members) {
    for (const at of owned) {
      const name = partitionName(at);
      const known = owners.get(name);
      if (known === undefined) owners.set(name, new Set([memberId]));
      else known.add(memberId);
    }
  }
  const kept: GroupAssignment = new Map();
  for (const [memberId, partitions] of assignment) {
    const stays = partitions.filter((at) => owners.get(partitionName(at))?.has(memberId) ?? true);
    kept.set(memberId, stays);
  }
  return kept;
}
