/**
 * Which partition of a coordinator's topic holds a group or a transactional id: Java's hash of the
 * id, as in Kafka.
 */
export function coordinatorPartitionOf(id: string, partitionCount: number): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) | 0;
  return (hash & 0x7fffffff) % partitionCount;
}
