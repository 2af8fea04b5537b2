/** Of it there is no absolute value in 32 bits; Kafka takes 0. */
const LOWEST = -(2 ** 31);

/**
 * Which partition of a coordinator's topic holds a group or a transactional id: the absolute value
 * of Java's hash of the id, as in Kafka, so that all brokers of a cluster agree.
 */
export function coordinatorPartitionOf(id: string, partitionCount: number): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) | 0;
  return (hash === LOWEST ? 0 : Math.abs(hash)) % partitionCount;
}
