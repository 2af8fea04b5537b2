import { MillraceError, reasonOf } from '../../base/errors.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { Refusal } from '../../metadata/refusal.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Services } from '../requests/front-services.ts';

const NO_EPOCH = -1;

export function findPartition(
  services: Services<'partitions'>,
  topic: string,
  index: number,
): PartitionMirror | undefined {
  return services.partitions.topicByName(topic)?.partitions[index];
}

/** 0, or why a request of a client that knows this leader epoch (-1 none) is not served. */
export function errorOfPartition(
  mirror: PartitionMirror | undefined,
  currentLeaderEpoch = NO_EPOCH,
): number {
  if (mirror === undefined) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  if (mirror.offlineReason !== '') return ERROR.KAFKA_STORAGE_ERROR;
  if (currentLeaderEpoch === NO_EPOCH || currentLeaderEpoch === mirror.leaderEpoch) return 0;
  return currentLeaderEpoch < mirror.leaderEpoch
    ? ERROR.FENCED_LEADER_EPOCH
    : ERROR.UNKNOWN_LEADER_EPOCH;
}

/** The same behind a load, which may have failed for the moment. */
export function errorOfLoaded(mirror: PartitionMirror, currentLeaderEpoch: number): number {
  if (!mirror.known) return ERROR.KAFKA_STORAGE_ERROR;
  return errorOfPartition(mirror, currentLeaderEpoch);
}

/** The result of a change of the metadata. Where its log cannot be written it is `refusedAll`. */
export async function orRefusal<Result>(
  change: Promise<Result>,
  refusedAll: (refusal: Refusal) => Result,
): Promise<Result> {
  try {
    return await change;
  } catch (thrown) {
    if (!(thrown instanceof MillraceError) || thrown.code !== 'MILLRACE_STORAGE') throw thrown;
    return refusedAll({ errorCode: ERROR.KAFKA_STORAGE_ERROR, message: reasonOf(thrown) });
  }
}
