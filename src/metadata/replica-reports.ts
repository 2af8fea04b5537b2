/** What the node that holds replicas reports to the one who decides about the metadata. */
export interface ReplicaReports {
  /** The directories of a deleted topic are removed: its name may be forgotten. */
  forgetDeletedTopic(topicId: string): Promise<void>;

  /** These partitions may have lost their tail in a crash: each gets the next leader epoch. */
  bumpLeaderEpochs(topicId: string, partitions: readonly number[]): Promise<void>;
}
