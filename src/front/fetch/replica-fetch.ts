import { ERROR } from '../../base/kafka-errors.ts';
import { LogPosition } from '../../base/log-position.ts';
import type { ReplicaFetch as Progress } from '../../exchange/replica-messages.ts';
import type { FetchRequest } from '../../protocol/schema/01-fetch.ts';
import type { Call } from '../net/call.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { ReplicaThrottle } from '../partitions/replica-throttle.ts';
import type { FetchResults } from './fetch-results.ts';
import type { FetchServices } from './fetch-services.ts';
import type { FetchPlan } from './fetch-sessions.ts';
import type { FetchTarget } from './fetch-target.ts';
import { FollowerPace } from './follower-pace.ts';
import { PendingFetch } from './pending-fetch.ts';

const NO_EPOCH = -1;
const NO_QUOTA = Number.POSITIVE_INFINITY;
/** Before every log. */
const NOTHING = new LogPosition();
/**
 * A worker is told again after so long of a follower that stands where it stood. Followers with
 * nothing to fetch come back that often, each with all its partitions.
 */
const TELL_AGAIN_MS = 500;
/** Timers take a millisecond at least. */
const SHORTEST_REST_MS = 0.5;

/** The broker that fetches. */
interface Follower {
  readonly id: number;
  /** Of its registration; -1 where it does not say. */
  readonly brokerEpoch: number;
  /** It may act for the cluster. */
  readonly isAllowed: boolean;
}

interface ReplicaFetchServices extends FetchServices {
  readonly clock: { monotonicMs(): number };
  readonly leaderThrottle: ReplicaThrottle | null;
}

/** What a worker is told, and the targets that it is about. */
interface Report {
  readonly targets: FetchTarget[];
  readonly fetches: Progress[];
}

/**
 * A follower's fetch. It reads up to the log end. The offset that it asks for says what it has, so
 * the workers are told of it before the first read. They may refuse a follower. Clients' quotas do
 * not hold for it, but those of replicas do.
 */
export class ReplicaFetch extends PendingFetch {
  readonly #follower: Follower;
  readonly #maxWaitMs: number;
  readonly #services: ReplicaFetchServices;
  /** Consumers may be sent to followers. */
  readonly #followersAreRead: boolean;
  /** The partitions that their workers refused this follower. */
  readonly #refused = new Map<FetchTarget, number>();

  constructor(
    call: Call,
    request: FetchRequest,
    plan: FetchPlan,
    services: ReplicaFetchServices,
    follower: Follower,
  ) {
    super(call, request, plan, services, NO_QUOTA);
    this.#follower = follower;
    this.#maxWaitMs = request.maxWaitMs;
    this.#services = services;
    this.#followersAreRead = services.settings.cluster?.readsByRack === true;
    call.isTimeCounted = true;
    if (plan.session !== null) plan.session.followerId = follower.id;
  }

  protected override resolve(target: FetchTarget): number {
    const error = super.resolve(target);
    return error !== 0 || this.#refused.size === 0 ? error : (this.#refused.get(target) ?? 0);
  }

  protected override get mustLead(): boolean {
    return true;
  }

  protected override mayRead(): boolean {
    return this.#follower.isAllowed;
  }

  protected override limitOf(mirror: PartitionMirror): LogPosition {
    return this.#isHeldBack(mirror) ? NOTHING : mirror.logEnd;
  }

  /** A throttled replica waits, but not one in sync: it would fall out of sync. */
  #isHeldBack({ topicId, index }: PartitionMirror): boolean {
    const { leaderThrottle: throttle, metadata } = this.#services;
    if (!throttle?.isExceeded || !throttle.concerns(topicId, index)) return false;
    const partition = metadata.image.topicsById.get(topicId)?.partitions[index];
    return partition?.inSyncReplicas.includes(this.#follower.id) === false;
  }

  protected override watch(mirror: PartitionMirror): void {
    mirror.watchEnd(this);
    if (this.#followersAreRead) mirror.watch(this);
  }

  /** Consumers of the follower get what it has once it knows that the high watermark is there. */
  protected override mustTellLimits(target: FetchTarget, mirror: PartitionMirror): boolean {
    if (!this.#followersAreRead || !this.plan.incremental) return false;
    return mirror.highWatermark > target.toldHighWatermark;
  }

  /** What brokers copy is not what clients fetched. */
  protected override countSent(sentBytes: number, results: FetchResults): boolean {
    const { leaderThrottle: throttle, clock } = this.#services;
    if (sentBytes > 0) this.#pace?.answered(clock.monotonicMs());
    if (!throttle?.isSet) return true;
    let bytes = 0;
    for (const [i, { mirror }] of this.plan.targets.entries()) {
      const length = results[i]?.records?.length ?? 0;
      if (length === 0 || !throttle.concerns(mirror!.topicId, mirror!.index)) continue;
      bytes += length;
    }
    throttle.count(bytes);
    return true;
  }

  protected override onLoaded(): void {
    const reports = this.#reports();
    if (reports.size === 0) {
      this.#serve();
      return;
    }
    const told = [...reports].map(([worker, report]) => this.#tell(worker, report));
    this.later(Promise.all(told).then(() => this.#serve()));
  }

  /** Null of a follower without a session. */
  get #pace(): FollowerPace | null {
    const { session } = this.plan;
    if (session === null) return null;
    session.pace ??= new FollowerPace();
    return session.pace;
  }

  #serve(): void {
    const restMs = this.#restMs();
    if (restMs < SHORTEST_REST_MS) super.onLoaded();
    else this.later(this.#rest(restMs).then(() => super.onLoaded()));
  }

  /** For how long records are gathered before this fetch is answered. */
  #restMs(): number {
    const { clock, kafka } = this.#services;
    if (kafka.stopping) return 0;
    let bytes = 0;
    for (const { mirror, fetchOffset } of this.plan.targets) {
      if (mirror === null || mirror.reader === null || fetchOffset >= mirror.logEndOffset) continue;
      bytes += mirror.reader.availableBytes(fetchOffset, this.limitOf(mirror));
    }
    const restMs = this.#pace?.restMs(bytes, clock.monotonicMs()) ?? 0;
    return Math.min(restMs, this.#maxWaitMs);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.call.onHurried = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** What each worker is to hear. A log that differs from the leader's says nothing. */
  #reports(): ReadonlyMap<number, Report> {
    const nowMs = this.#services.clock.monotonicMs();
    const { id: replicaId, brokerEpoch } = this.#follower;
    const reports = new Map<number, Report>();
    for (const target of this.plan.targets) {
      if (this.resolve(target) !== 0 || isTold(target, nowMs) || !isPartOfLog(target)) continue;
      const { fetchOffset: offset, startOffset } = target;
      const { worker, slot, leaderEpoch } = target.mirror!;
      const report = reports.get(worker) ?? { targets: [], fetches: [] };
      reports.set(worker, report);
      report.targets.push(target);
      report.fetches.push({ slot, replicaId, brokerEpoch, offset, startOffset });
      target.toldProgress = { offset, startOffset, leaderEpoch, atMs: nowMs };
    }
    return reports;
  }

  async #tell(worker: number, { targets, fetches }: Report): Promise<void> {
    const answer = await this.#services.workers.control(worker, {
      kind: 'replicas-fetched',
      fetches,
    });
    for (const [i, target] of targets.entries()) {
      const error = answer.error === 0 ? answer.errors[i]! : answer.error;
      if (error === 0) {
        if (this.#followersAreRead) this.#noteCopy(target);
        continue;
      }
      target.toldProgress = null;
      this.#refused.set(target, forVersionOf(target, error));
    }
  }

  #noteCopy({ mirror, toldProgress }: FetchTarget): void {
    if (mirror === null || toldProgress === null) return;
    const { offset: endOffset, startOffset, leaderEpoch } = toldProgress;
    mirror.copies ??= new Map();
    mirror.copies.set(this.#follower.id, { endOffset, startOffset, leaderEpoch });
  }
}

/** Whether the worker heard the same a moment ago, in the same leader epoch. */
function isTold(target: FetchTarget, nowMs: number): boolean {
  const { toldProgress: told, fetchOffset, startOffset, mirror } = target;
  return (
    told?.offset === fetchOffset &&
    told.startOffset === startOffset &&
    told.leaderEpoch === mirror!.leaderEpoch &&
    nowMs - told.atMs < TELL_AGAIN_MS
  );
}

/** Whether the follower's log is a part of this one. Otherwise the answer tells it to be cut. */
function isPartOfLog(target: FetchTarget): boolean {
  const { fetchOffset, lastFetchedEpoch } = target;
  const mirror = target.mirror!;
  if (mirror.reader === null) return false;
  if (fetchOffset < mirror.logStartOffset || fetchOffset > mirror.logEndOffset) return false;
  return lastFetchedEpoch === NO_EPOCH || !target.hasDiverged(mirror);
}

/** A replica that names no epoch cannot learn that the leader does not know of its assignment. */
function forVersionOf({ leaderEpoch }: FetchTarget, error: number): number {
  const isTooOld = error === ERROR.UNKNOWN_LEADER_EPOCH && leaderEpoch === NO_EPOCH;
  return isTooOld ? ERROR.NOT_LEADER_OR_FOLLOWER : error;
}
