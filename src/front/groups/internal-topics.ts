import type { BrokerSettings } from '../../metadata/config/broker-settings.ts';

/** A topic that coordinators keep their state in. */
export interface CoordinatorTopic {
  readonly name: string;
  /** What its coordinators are for, in the singular, for messages. */
  readonly serves: string;
  partitions(settings: BrokerSettings): number;
  replicas(settings: BrokerSettings): number;
  /** `replicas`: as many as it really gets. */
  configs(
    settings: BrokerSettings,
    replicas: number,
  ): { readonly name: string; readonly value: string }[];
}

/** The groups and their offsets. */
export const GROUPS_TOPIC: CoordinatorTopic = {
  name: '__consumer_offsets',
  serves: 'group',
  partitions: ({ groups }) => groups.offsetsPartitions,
  replicas: ({ groups }) => groups.offsetsReplicas,
  configs: ({ groups }) => [
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'compression.type', value: 'producer' },
    { name: 'segment.bytes', value: String(groups.offsetsSegmentBytes) },
  ],
};

/** The transactional ids and their transactions. */
export const TRANSACTIONS_TOPIC: CoordinatorTopic = {
  name: '__transaction_state',
  serves: 'transaction',
  partitions: ({ transactions }) => transactions.statePartitions,
  replicas: ({ transactions }) => transactions.stateReplicas,
  configs: ({ transactions }, replicas) => [
    { name: 'unclean.leader.election.enable', value: 'false' },
    { name: 'compression.type', value: 'uncompressed' },
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'min.insync.replicas', value: String(Math.min(transactions.stateMinInSync, replicas)) },
    { name: 'segment.bytes', value: String(transactions.stateSegmentBytes) },
  ],
};
