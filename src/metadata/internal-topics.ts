import type { BrokerSettings } from './config/broker-settings.ts';
import type { NewTopic } from './plan-topics.ts';

/** The topics that hold the broker's own state, as Kafka makes them. */
export function offsetsTopic({ groups }: BrokerSettings): NewTopic {
  return {
    name: '__consumer_offsets',
    partitions: groups.offsetsPartitions,
    replicationFactor: 1,
    configs: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'compression.type', value: 'producer' },
      { name: 'segment.bytes', value: String(groups.offsetsSegmentBytes) },
    ],
  };
}

export function transactionStateTopic({ transactions }: BrokerSettings): NewTopic {
  return {
    name: '__transaction_state',
    partitions: transactions.statePartitions,
    replicationFactor: 1,
    configs: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'compression.type', value: 'uncompressed' },
      { name: 'min.insync.replicas', value: '1' },
      { name: 'segment.bytes', value: String(transactions.stateSegmentBytes) },
      { name: 'unclean.leader.election.enable', value: 'false' },
    ],
  };
}
