/** What a node with replicas reports to the node that decides about the metadata. */
export interface ReplicaReports {
  /** The directories of a deleted topic are removed. */
  forgetDeletedTopic(topicId: string): Promise<void>;

  /** A crash may have cut the logs of these partitions. Each gets the next leader epoch. */
  bumpLeaderEpochs(topicId: string, partitions: readonly number[]): Promise<void>;
}
