/** The replicas of a partition, as the controllers decided last. */
export interface ReplicaRegistration {
  readonly leaderEpoch: number;
  /** Counts every change of the partition, those of the leader too. */
  readonly partitionEpoch: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}
