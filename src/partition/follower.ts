/** The role of a replica that copies its leader's log and takes no appends of its own. */
export class Follower {
  readonly isLeader = false;
  readonly epoch: number;
  readonly replication = null;
  readonly lacksReplicas = false;
  readonly lacksMaximal = false;
  /** The leader's high watermark, as its last answer said. */
  leaderHighWatermark = 0;

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  /** The leader's high watermark, as far as the log is durable here. */
  agreedOffset(durableOffset: number): number {
    return Math.min(durableOffset, this.leaderHighWatermark);
  }
}
