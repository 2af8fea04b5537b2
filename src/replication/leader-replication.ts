import {
  type AfterRefusal,
  type InSyncDecision,
  type InSyncProposal,
  InSyncReplicas,
} from './in-sync-replicas.ts';
import { ReplicaProgress } from './replica-progress.ts';
import type { ReplicaRegistration } from './replica-registration.ts';
import { NO_BROKER_EPOCH, type ReplicationContext } from './replication-context.ts';

/** Below every high watermark: it does not rise. */
const HELD = -1;

/** What a fetch of a follower was good for. */
export type FetchVerdict = 'taken' | 'no-replica' | 'stale-broker';

/** The leader's side of a partition with several replicas, for one leader epoch. */
export class LeaderReplication {
  readonly inSync: InSyncReplicas;
  /** Where the log ended when the node was elected. */
  readonly epochStart: number;
  /** `min.insync.replicas` of the topic. */
  minInSync: number;
  readonly #context: ReplicationContext;
  /** Those of the other brokers. */
  #followers: ReplicaProgress[] = [];

  /** `before` is the state of the epoch before where this node led then, too. */
  constructor(
    context: ReplicationContext,
    registration: ReplicaRegistration,
    minInSync: number,
    leaderEnd: number,
    before: LeaderReplication | null = null,
  ) {
    const { leaderEpoch, partitionEpoch, inSyncReplicas } = registration;
    this.#context = context;
    this.minInSync = minInSync;
    this.epochStart = leaderEnd;
    this.inSync = new InSyncReplicas(leaderEpoch, partitionEpoch, inSyncReplicas);
    this.#assign(registration.replicas);
    for (const follower of this.#followers) {
      const known = before?.follower(follower.id) ?? null;
      const isInSync = inSyncReplicas.includes(follower.id);
      follower.elected(isInSync, leaderEnd, context.nowMs, known);
    }
    this.#recount();
  }

  /** How many replicas must be in sync: no more than there are. */
  get #needed(): number {
    return Math.min(this.minInSync, this.#followers.length + 1);
  }

  /** Nothing with acks=all is taken, and the high watermark does not rise. */
  get lacksReplicas(): boolean {
    return this.inSync.committed.length < this.#needed;
  }

  /** What lies under the high watermark may not be on as many replicas as the topic wants. */
  get lacksMaximal(): boolean {
    return this.inSync.maximal.length < this.#needed;
  }

  follower(id: number): ReplicaProgress | null {
    return this.#followers.find((follower) => follower.id === id) ?? null;
  }

  /** Other replicas, or others in sync, within the epoch. False for a state that is outdated. */
  registered(registration: ReplicaRegistration): boolean {
    const { partitionEpoch, replicas, inSyncReplicas } = registration;
    const { inSync } = this;
    const { pending } = inSync;
    // The answer to a proposal may have said it before, and another proposal is on its way by now.
    const goesOn =
      partitionEpoch === inSync.partitionEpoch &&
      pending?.replicas.every(({ id }) => replicas.includes(id)) === true;
    if (!goesOn && !inSync.decided(partitionEpoch, inSyncReplicas)) return false;
    this.#assign(replicas);
    this.#recount();
    return true;
  }

  #assign(replicas: readonly number[]): void {
    const others = replicas.filter((id) => id !== this.#context.nodeId);
    this.#followers = others.map((id) => this.follower(id) ?? new ReplicaProgress(id));
  }

  #recount(): void {
    for (const follower of this.#followers) {
      follower.counts = this.inSync.maximal.includes(follower.id);
    }
  }

  /** A follower asks for what is behind `offset`, under a registration of its broker. */
  fetched(
    id: number,
    brokerEpoch: number,
    offset: number,
    startOffset: number,
    leaderEnd: number,
  ): FetchVerdict {
    const follower = this.follower(id);
    if (follower === null) return 'no-replica';
    const { brokers, nowMs } = this.#context;
    const isStale = brokerEpoch !== NO_BROKER_EPOCH && brokers.epochOf(id) > brokerEpoch;
    if (isStale) return 'stale-broker';
    follower.fetched(offset, startOffset, leaderEnd, brokerEpoch, nowMs);
    return 'taken';
  }

  /**
   * How far the high watermark may go. It waits for a follower that is caught up and may join, too:
   * else one that is always a little behind would never be at the high watermark.
   */
  agreedOffset(durableOffset: number): number {
    if (this.lacksReplicas) return HELD;
    const followers = this.#followers;
    const { nowMs, lagTimeMaxMs } = this.#context;
    let lowest = durableOffset;
    for (let i = 0; i < followers.length; i++) {
      const follower = followers[i]!;
      if (follower.endOffset >= lowest) continue;
      const isNear = nowMs - follower.lastCaughtUpMs <= lagTimeMaxMs;
      if (follower.counts || (isNear && this.#isEligible(follower))) lowest = follower.endOffset;
    }
    return lowest;
  }

  /** Its broker lives, stays, and is the one that has fetched: not another run of it (KIP-903). */
  #isEligible({ id, hasFetched, brokerEpoch }: ReplicaProgress): boolean {
    const { brokers } = this.#context;
    const registered = brokers.epochOf(id);
    if (!hasFetched || registered === NO_BROKER_EPOCH || brokers.isLeaving(id)) return false;
    return brokerEpoch === NO_BROKER_EPOCH || brokerEpoch === registered;
  }

  /**
   * After a fetch of a follower: the proposal to take it in, or null. It must have all that may
   * have been promised: what lies under the high watermark, and what was there at the election.
   */
  expansion(id: number, highWatermark: number): InSyncProposal | null {
    const { committed, pending } = this.inSync;
    if (pending !== null || committed.includes(id)) return null;
    const follower = this.follower(id);
    if (follower === null || !this.#isEligible(follower)) return null;
    if (follower.endOffset < Math.max(highWatermark, this.epochStart)) return null;
    return this.#propose([...committed, id]);
  }

  /** From time to time: the proposal to leave out who has not caught up for too long, or null. */
  shrinking(leaderEnd: number): InSyncProposal | null {
    const { committed, pending } = this.inSync;
    if (pending !== null) return null;
    const { nodeId, nowMs, lagTimeMaxMs } = this.#context;
    const staying = committed.filter((id) => {
      return (
        id === nodeId || this.follower(id)?.isCaughtUp(leaderEnd, nowMs, lagTimeMaxMs) === true
      );
    });
    return staying.length === committed.length ? null : this.#propose(staying);
  }

  /** -1 stands for a broker that was not heard of. The controllers check the epochs they get. */
  #propose(ids: readonly number[]): InSyncProposal {
    const { nodeId, brokers } = this.#context;
    const replicas = ids.map((id) => {
      const isSelf = id === nodeId;
      const known = this.follower(id)?.brokerEpoch ?? NO_BROKER_EPOCH;
      return { id, brokerEpoch: isSelf ? brokers.epochOf(id) : known };
    });
    const proposal = this.inSync.propose(replicas);
    this.#recount();
    return proposal;
  }

  /** The start that the logs of all replicas have reached whose brokers live. */
  lowWatermark(ownStart: number): number {
    const { brokers } = this.#context;
    let lowest = ownStart;
    for (const { id, startOffset } of this.#followers) {
      if (brokers.epochOf(id) !== NO_BROKER_EPOCH) lowest = Math.min(lowest, startOffset);
    }
    return lowest;
  }

  accepted(proposal: InSyncProposal, decision: InSyncDecision): boolean {
    const isNews = this.inSync.accepted(proposal, decision);
    if (isNews) this.#recount();
    return isNews;
  }

  refused(proposal: InSyncProposal, error: number): AfterRefusal {
    const after = this.inSync.refused(proposal, error);
    this.#recount();
    return after;
  }
}
