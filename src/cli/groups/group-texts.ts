import type { AssignedTopic } from '../../client/admin/group-member.ts';
import { formatAddress } from '../../client/broker-address.ts';
import type { BrokerNode } from '../../client/net/network.ts';

/** `host:port (id)` */
export function coordinatorText(coordinator: BrokerNode): string {
  return `${formatAddress(coordinator)} (${coordinator.id})`;
}

/** As Kafka's tool writes it: `orders(0,1),payments(2)`. */
export function assignmentText(assignment: readonly AssignedTopic[]): string {
  return assignment.map(({ topic, partitions }) => `${topic}(${partitions.join(',')})`).join(',');
}

/** Null where the group or member has none. */
export function knownEpoch(epoch: number): number | null {
  return epoch < 0 ? null : epoch;
}
