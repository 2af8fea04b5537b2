import { chosenByHash } from './chosen-by-hash.ts';
import { javaHash } from './java-hash.ts';

/**
 * Which partition of a coordinator's topic holds a group or a transactional id: the absolute value
 * of Java's hash of the id, as in Kafka, so that all brokers of a cluster agree.
 */
export function coordinatorPartitionOf(id: string, partitionCount: number): number {
  return chosenByHash(javaHash(id), partitionCount);
}
