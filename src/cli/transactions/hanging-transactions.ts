import type { Admin } from '../../client/admin.ts';
import type { PartitionProducer } from '../../client/producer-admin.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { TransactionDescription } from '../../client/transaction-admin.ts';

/**
 * Transactions that are open in these partitions for longer than `timeoutMs`, and that no
 * coordinator will end. A coordinator ends a transaction of its producer in the partitions that it
 * describes.
 */
export async function findHanging(
  admin: Admin,
  partitions: readonly TopicPartition[],
  timeoutMs: number,
): Promise<PartitionProducer[]> {
  const nowMs = Date.now();
  const producers = await admin.producers.describe(partitions);
  const candidates = producers.filter(({ transactionStart, lastTimestamp }) => {
    return transactionStart !== null && nowMs - lastTimestamp > timeoutMs;
  });
  if (candidates.length === 0) return [];
  const producerIds = [...new Set(candidates.map(({ producerId }) => producerId))];
  const descriptions = new Map<number, TransactionDescription>();
  for (const { transactionalId, producerId } of await admin.transactions.list({ producerIds })) {
    const described = await admin.transactions.find(transactionalId);
    if (described !== null) descriptions.set(producerId, described);
  }
  return candidates.filter((candidate) => !willEnd(candidate, descriptions));
}

function willEnd(
  candidate: PartitionProducer,
  descriptions: ReadonlyMap<number, TransactionDescription>,
): boolean {
  const name = partitionName(candidate);
  const described = descriptions.get(candidate.producerId);
  return described?.partitions.some((each) => partitionName(each) === name) === true;
}
