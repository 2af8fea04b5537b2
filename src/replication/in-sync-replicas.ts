import { ERROR } from '../base/kafka-errors.ts';

/** A change of the replicas in sync, as it is asked of the controllers. */
export interface InSyncProposal {
  readonly leaderEpoch: number;
  /** The change is refused where the partition has another one. */
  readonly partitionEpoch: number;
  readonly replicas: readonly InSyncReplica[];
}

export interface InSyncReplica {
  readonly id: number;
  readonly brokerEpoch: number;
}

/** What the controllers made of a proposal. */
export interface InSyncDecision {
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly inSyncReplicas: readonly number[];
}

/** What follows from a refusal. */
export type AfterRefusal = 'ignore' | 'propose-anew' | 'await-metadata' | 'send-again';

/** With these the controllers say that the proposal was not carried out and the epoch is right. */
const NOT_CARRIED_OUT: readonly number[] = [
  ERROR.OPERATION_NOT_ATTEMPTED,
  ERROR.INELIGIBLE_REPLICA,
];
/** The state here is an old one. The metadata log brings the new one. */
const OUTDATED: readonly number[] = [
  ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  ERROR.UNKNOWN_TOPIC_ID,
  ERROR.FENCED_LEADER_EPOCH,
  ERROR.INVALID_UPDATE_VERSION,
  ERROR.INVALID_REQUEST,
  ERROR.NEW_LEADER_ELECTED,
];

/**
 * The replicas in sync within one leader epoch: those that the controllers agreed to, and at most
 * one change that was proposed to them.
 */
export class InSyncReplicas {
  readonly leaderEpoch: number;
  partitionEpoch: number;
  committed: readonly number[];
  /** The largest set that may be in sync, whatever becomes of the proposal. */
  maximal: readonly number[];
  pending: InSyncProposal | null = null;

  constructor(leaderEpoch: number, partitionEpoch: number, committed: readonly number[]) {
    this.leaderEpoch = leaderEpoch;
    this.partitionEpoch = partitionEpoch;
    this.committed = committed;
    this.maximal = committed;
  }

  /**
   * The controllers decided. It ends what was proposed. False for a decision that is older than
   * what is known: the answer to a proposal may come before the metadata log.
   */
  decided(partitionEpoch: number, committed: readonly number[]): boolean {
    if (partitionEpoch < this.partitionEpoch) return false;
    this.partitionEpoch = partitionEpoch;
    this.committed = committed;
    this.maximal = committed;
    this.pending = null;
    return true;
  }

  propose(replicas: readonly InSyncReplica[]): InSyncProposal {
    const { leaderEpoch, partitionEpoch, committed } = this;
    this.pending = { leaderEpoch, partitionEpoch, replicas };
    const joining = replicas.map(({ id }) => id).filter((id) => !committed.includes(id));
    this.maximal = [...committed, ...joining];
    return this.pending;
  }

  /** False where it changes nothing, since something else has happened meanwhile. */
  accepted(proposal: InSyncProposal, decision: InSyncDecision): boolean {
    if (proposal !== this.pending || decision.leaderEpoch !== this.leaderEpoch) return false;
    return this.decided(decision.partitionEpoch, decision.inSyncReplicas);
  }

  /**
   * Where the proposal may have been carried out after all, it stays in force: it made the set
   * only larger, which is safe.
   */
  refused(proposal: InSyncProposal, error: number): AfterRefusal {
    if (proposal !== this.pending) return 'ignore';
    if (OUTDATED.includes(error)) return 'await-metadata';
    if (!NOT_CARRIED_OUT.includes(error)) return 'send-again';
    this.pending = null;
    this.maximal = this.committed;
    return 'propose-anew';
  }
}
