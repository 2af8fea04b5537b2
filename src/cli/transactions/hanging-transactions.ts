import type { Admin } from '../../client/admin/admin.ts';
import { required } from '../../client/admin/outcome.ts';
import type { PartitionProducer } from '../../client/admin/producer-admin.ts';
import type { TransactionDescription } from '../../client/admin/transaction-admin.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';

/** A producer where it was found. */
export interface LocatedProducer extends PartitionProducer, TopicPartition {}

/**
 * Transactions that are open in these partitions for longer than `timeoutMs`, and that no
 * coordinator will end. A coordinator ends a transaction of its producer in the partitions that it
 * describes.
 */
export async function findHanging(
  admin: Admin,
  partitions: readonly TopicPartition[],
  timeoutMs: number,
): Promise<LocatedProducer[]> {
  const nowMs = Date.now();
  const producers = await locatedProducers(admin, partitions);
  const candidates = producers.filter(({ transactionStart, lastTimestamp }) => {
    return transactionStart !== null && nowMs - lastTimestamp > timeoutMs;
  });
  if (candidates.length === 0) return [];
  const producerIds = [...new Set(candidates.map(({ producerId }) => producerId))];
  const descriptions = new Map<number, TransactionDescription>();
  const listed = await admin.transactions.list({ producerIds });
  const described = await admin.transactions.describe(listed.map((each) => each.transactionalId));
  for (const { transactionalId, producerId } of listed) {
    const outcome = described.get(transactionalId);
    // It may have expired since it was listed.
    if (isKafkaError(outcome, 'TRANSACTIONAL_ID_NOT_FOUND')) continue;
    descriptions.set(producerId, required(outcome));
  }
  return candidates.filter((candidate) => !willEnd(candidate, descriptions));
}

/** The producers of all partitions; throws where those of one cannot be had. */
export async function locatedProducers(
  admin: Admin,
  partitions: readonly TopicPartition[],
): Promise<LocatedProducer[]> {
  const described = await admin.producers.describe(partitions);
  return described.flatMap(({ topic, partition, outcome }) => {
    return required(outcome).map((producer) => ({ topic, partition, ...producer }));
  });
}

function willEnd(
  candidate: LocatedProducer,
  descriptions: ReadonlyMap<number, TransactionDescription>,
): boolean {
  const name = partitionName(candidate);
  const described = descriptions.get(candidate.producerId);
  return described?.partitions.some((each) => partitionName(each) === name) === true;
}
