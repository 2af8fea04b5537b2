/** What is known of the brokers that hold the other replicas. */
export interface ReplicaBrokers {
  /** The epoch that a broker is registered under; NO_BROKER_EPOCH where it is fenced or unknown. */
  epochOf(id: number): number;
  /** It is fenced, or about to stop. */
  isLeaving(id: number): boolean;
}

export const NO_BROKER_EPOCH = -1;

/** What the partitions of a worker share. */
export interface ReplicationContext {
  nodeId: number;
  /** `replica.lag.time.max.ms` */
  lagTimeMaxMs: number;
  /** `offsets.commit.timeout.ms`: coordinators wait no longer for other replicas. */
  answerLimitMs: number;
  /** Monotonic, as of the batch of commands that is carried out. */
  nowMs: number;
  brokers: ReplicaBrokers;
}

/** Of a node that is alone. */
export const LONE_NODE: ReplicationContext = {
  nodeId: -1,
  lagTimeMaxMs: 0,
  answerLimitMs: Number.POSITIVE_INFINITY,
  nowMs: 0,
  brokers: { epochOf: () => NO_BROKER_EPOCH, isLeaving: () => false },
};
