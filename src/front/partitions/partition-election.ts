import type { ElectedRole, Election } from '../../exchange/control.ts';
import type { ReplicaAssignment } from '../../exchange/replica-messages.ts';
import type { PartitionMetadata, TopicMetadata } from '../../metadata/image.ts';
import type { PartitionMirror } from './partition-mirror.ts';

/** What the metadata said of a mirror's partition at one time. */
export interface KnownElection {
  readonly isLeader: boolean;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

/** What a mirror shows now, to be compared later. */
export function electionKnown(mirror: PartitionMirror): KnownElection {
  const { isLeader, leaderEpoch, partitionEpoch } = mirror;
  return { isLeader, leaderEpoch, partitionEpoch };
}

/** An election was held. */
export function isElection(before: KnownElection, now: KnownElection): boolean {
  return before.isLeader !== now.isLeader || before.leaderEpoch !== now.leaderEpoch;
}

/** An election was held, or the replicas or those in sync are others. */
export function isNewState(before: KnownElection, now: KnownElection): boolean {
  return isElection(before, now) || before.partitionEpoch !== now.partitionEpoch;
}

export function roleAt({ isLeader }: PartitionMirror): ElectedRole {
  return isLeader ? 'leader' : 'follower';
}

/** Empty where nobody else has a replica. */
export function assignmentOf({ partitionEpoch, replicas, inSyncReplicas }: PartitionMetadata): {
  readonly assignment?: ReplicaAssignment;
} {
  if (replicas.length < 2) return {};
  return { assignment: { partitionEpoch, replicas, inSyncReplicas } };
}

/** What a worker is told of the state that the metadata has of a partition now. */
export function electionOf(mirror: PartitionMirror, { partitions }: TopicMetadata): Election {
  const { slot, index, leaderEpoch } = mirror;
  return { slot, leaderEpoch, role: roleAt(mirror), ...assignmentOf(partitions[index]!) };
}
