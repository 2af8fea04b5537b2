import type { PartitionDetails, PartitionMetadata } from '../../metadata/image.ts';
import type {
  PartitionChangeRecord,
  PartitionRecord,
} from '../../protocol/schema/records-metadata-topics.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import { corrupt } from './corrupt.ts';

const NO_LEADER_CHANGE = -2;
const NO_RECOVERY_CHANGE = -1;

/** A partition as the controllers keep it: always with its details. */
export type PartitionState = PartitionMetadata & { readonly details: PartitionDetails };

/** The directory of a replica that came before directories had ids. */
const MIGRATING_DIRECTORY = ZERO_UUID;

/** The state that a partition is created with. */
export function createdPartition(record: PartitionRecord): PartitionState {
  const { partitionId, replicas } = record;
  return {
    index: partitionId,
    leader: record.leader,
    leaderEpoch: record.leaderEpoch,
    partitionEpoch: record.partitionEpoch,
    replicas,
    inSyncReplicas: record.isr,
    details: {
      addingReplicas: record.addingReplicas,
      removingReplicas: record.removingReplicas,
      eligibleLeaderReplicas: record.eligibleLeaderReplicas ?? [],
      lastKnownElr: record.lastKnownElr ?? [],
      leaderRecoveryState: record.leaderRecoveryState,
      directories: directoriesOf(record.directories, replicas.length, partitionId),
    },
  };
}

/**
 * The state after a change. What the record leaves out stays as it is. A leader that is named gets
 * the next leader epoch, also where it is the one that led before. Every change raises the
 * partition epoch.
 */
export function changedPartition(
  before: PartitionMetadata,
  record: PartitionChangeRecord,
): PartitionState {
  const { details } = before;
  const replicas = record.replicas ?? before.replicas;
  const namesLeader = record.leader !== NO_LEADER_CHANGE;
  const recovery = record.leaderRecoveryState;
  const keepsRecovery = recovery === NO_RECOVERY_CHANGE;
  return {
    index: before.index,
    leader: namesLeader ? record.leader : before.leader,
    leaderEpoch: before.leaderEpoch + (namesLeader ? 1 : 0),
    partitionEpoch: before.partitionEpoch + 1,
    replicas,
    inSyncReplicas: record.isr ?? before.inSyncReplicas,
    details: {
      addingReplicas: record.addingReplicas ?? details?.addingReplicas ?? [],
      removingReplicas: record.removingReplicas ?? details?.removingReplicas ?? [],
      eligibleLeaderReplicas:
        record.eligibleLeaderReplicas ?? details?.eligibleLeaderReplicas ?? [],
      lastKnownElr: record.lastKnownElr ?? details?.lastKnownElr ?? [],
      leaderRecoveryState: keepsRecovery ? (details?.leaderRecoveryState ?? 0) : recovery,
      directories: directoriesOf(
        record.directories ?? details?.directories ?? [],
        replicas.length,
        before.index,
      ),
    },
  };
}

/** The state without eligible leaders. The same object where there are none. */
export function withoutElr(before: PartitionMetadata): PartitionMetadata {
  const { details } = before;
  if (details === undefined) return before;
  if (details.eligibleLeaderReplicas.length + details.lastKnownElr.length === 0) return before;
  return {
    ...before,
    partitionEpoch: before.partitionEpoch + 1,
    details: { ...details, eligibleLeaderReplicas: [], lastKnownElr: [] },
  };
}

function directoriesOf(
  given: readonly string[],
  replicas: number,
  partition: number,
): readonly string[] {
  if (given.every((directory) => directory === MIGRATING_DIRECTORY)) {
    return new Array<string>(replicas).fill(MIGRATING_DIRECTORY);
  }
  if (given.length === replicas) return given;
  throw corrupt(`${given.length} directories of ${replicas} replicas of partition ${partition}`);
}
