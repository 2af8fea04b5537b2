import { ERROR } from '../../base/kafka-errors.ts';
import type { PartitionMirror } from './partition-mirror.ts';

const NO_EPOCH = -1;

/**
 * 0, or why this node does not serve a partition to a client that knows this leader epoch, or none.
 * The mirror is undefined when there is no such partition, and null when other nodes hold it. Only
 * its leader serves it, unless `mustLead` is false.
 */
export function errorOfPartition(
  mirror: PartitionMirror | null | undefined,
  currentLeaderEpoch = NO_EPOCH,
  mustLead = true,
): number {
  if (mirror === undefined) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  if (mirror === null) return ERROR.NOT_LEADER_OR_FOLLOWER;
  if (mirror.offlineReason !== '') return ERROR.KAFKA_STORAGE_ERROR;
  if (currentLeaderEpoch !== NO_EPOCH && currentLeaderEpoch !== mirror.leaderEpoch) {
    return currentLeaderEpoch < mirror.leaderEpoch
      ? ERROR.FENCED_LEADER_EPOCH
      : ERROR.UNKNOWN_LEADER_EPOCH;
  }
  return mirror.isLeader || !mustLead ? 0 : ERROR.NOT_LEADER_OR_FOLLOWER;
}

/** The same after a load, which may have failed for the moment. */
export function errorOfLoaded(mirror: PartitionMirror, currentLeaderEpoch: number): number {
  if (!mirror.known) return ERROR.KAFKA_STORAGE_ERROR;
  return errorOfPartition(mirror, currentLeaderEpoch);
}
