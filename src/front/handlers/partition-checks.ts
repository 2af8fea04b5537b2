import { MillraceError, reasonOf } from '../../base/errors.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { Refusal } from '../../metadata/refusal.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Services } from '../requests/front-services.ts';

/** Undefined when there is no such partition, and null when other nodes hold it. */
export function findPartition(
  services: Services<'partitions'>,
  topic: string,
  index: number,
): PartitionMirror | null | undefined {
  return services.partitions.topicByName(topic)?.partitions[index];
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
