import { LeaderReplication } from '../replication/leader-replication.ts';
import type { ReplicaRegistration } from '../replication/replica-registration.ts';
import type { ReplicationContext } from '../replication/replication-context.ts';

/**
 * The role of the replica that takes appends. Without other replicas, which is the ordinary case,
 * the durable end is the high watermark.
 */
export class Leader {
  readonly isLeader = true;
  readonly epoch: number;
  /** Where the log ended when the node was elected. */
  readonly epochStart: number;
  /** Null where nobody else has a replica. */
  replication: LeaderReplication | null = null;

  constructor(epoch: number, epochStart: number) {
    this.epoch = epoch;
    this.epochStart = epochStart;
  }

  /** Fewer replicas are in sync than acks=all asks for. */
  get lacksReplicas(): boolean {
    return this.replication?.lacksReplicas ?? false;
  }

  /** The same, where what was proposed to the controllers counts, too. */
  get lacksMaximal(): boolean {
    return this.replication?.lacksMaximal ?? false;
  }

  /**
   * Who the replicas are. `before` is the role of the epoch before. False for what is older than
   * what is known.
   */
  register(
    registration: ReplicaRegistration,
    context: ReplicationContext,
    minInSync: number,
    before: LeaderReplication | null,
  ): boolean {
    if (registration.replicas.length < 2) {
      this.replication = null;
      return true;
    }
    if (this.replication !== null) return this.replication.registered(registration);
    const { epochStart } = this;
    this.replication = new LeaderReplication(context, registration, minInSync, epochStart, before);
    return true;
  }

  /** How far the high watermark may go; below it where it may not. */
  agreedOffset(durableOffset: number): number {
    const { replication } = this;
    return replication === null ? durableOffset : replication.agreedOffset(durableOffset);
  }
}
