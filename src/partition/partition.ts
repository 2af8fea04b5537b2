import { ERROR } from '../base/kafka-errors.ts';
import type { LogPosition, PositionFields } from '../base/log-position.ts';
import type { LogSettings } from '../base/log-settings.ts';
import { NO_GUARD } from '../base/no-guard.ts';
import type { ReadLimits } from '../base/read-limits.ts';
import { OUTCOME, SEQUENCE } from '../log/outcome.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import type { AbortedTransaction } from '../log/transactions/aborted-transaction.ts';
import { Verifications } from '../log/transactions/verifications.ts';
import {
  baseSequence,
  isTransactional,
  lastOffsetDelta,
  lastSequence,
  maxTimestamp,
  producerEpoch,
  producerId,
  setBaseOffset,
  setPartitionLeaderEpoch,
} from '../records/batch-layout.ts';
import { buildEndMarker } from '../records/control-record.ts';
import { stampLogAppendTime } from '../records/timestamp-policy.ts';
import type { ReplicaRegistration } from '../replication/replica-registration.ts';
import { LONE_NODE, type ReplicationContext } from '../replication/replication-context.ts';
import { refusalOfBatch } from './batch-refusal.ts';
import { Follower } from './follower.ts';
import { Leader } from './leader.ts';
import { refusalOfMarker } from './marker-refusal.ts';
import { errorOfProduced } from './produced-batch.ts';
import { ReadBounds } from './read-bounds.ts';
import { settleStable } from './stable-offset.ts';

const NO_OFFSET = -1;
const NO_EPOCH = -1;
/** The answer of `requestVerification` where a newer epoch of the producer is known. */
const FENCED = -1;
const CREATE_TIME = -1;

/**
 * One partition on its worker's thread: the only writer of its log. An append is validated, checked
 * against the producer's sequence, stamped in place (base offset and leader epoch lie outside the
 * CRC) and copied to the log once. `appendedBaseOffset`, `appendTimeMs` and `requiredEnd` tell of
 * the last append.
 */
export class Partition {
  readonly slot: number;
  log: PartitionLog;
  settings: LogSettings;
  /** It follows nobody until an election gives it a role. */
  role: Leader | Follower = new Follower(NO_EPOCH);
  offlineReason = '';
  /** The disk is nearly full: nothing new is written, retries are still answered. */
  spaceIsShort = false;
  readonly limits: ReadLimits;
  readonly verifications = new Verifications();
  /** Below it the log is as safe here as the topic's durability asks. */
  readonly durableEnd: LogPosition;
  appendedBaseOffset = NO_OFFSET;
  appendTimeMs = CREATE_TIME;
  /** The log end that covers the last append: acknowledged to acks=all by the high watermark. */
  requiredEnd = 0;

  readonly bounds: ReadBounds;
  readonly #context: ReplicationContext;

  /** `checkpointed` is the high watermark of the last checkpoint; 0 where there is none. */
  constructor(
    slot: number,
    log: PartitionLog,
    settings: LogSettings,
    checkpointed = 0,
    context = LONE_NODE,
  ) {
    this.slot = slot;
    this.log = log;
    this.settings = settings;
    this.#context = context;
    this.bounds = new ReadBounds(log, checkpointed);
    this.limits = this.bounds.limits;
    this.durableEnd = this.bounds.durableEnd;
  }

  get logStartOffset(): number {
    return this.log.logStartOffset;
  }

  get logEndOffset(): number {
    return this.log.logEndOffset;
  }

  get logEnd(): LogPosition {
    return this.log.end;
  }

  get abortedCount(): number {
    return this.log.abortedCount;
  }

  get highWatermark(): number {
    return this.limits.highWatermark.offset;
  }

  get leaderEpoch(): number {
    return this.role.epoch;
  }

  /** Why no append is taken: 0, or the error code. */
  get refusal(): number {
    if (this.offlineReason !== '') return ERROR.KAFKA_STORAGE_ERROR;
    return this.role.isLeader ? 0 : ERROR.NOT_LEADER_OR_FOLLOWER;
  }

  /**
   * An election, or other replicas within an epoch. Without a registration there are no others.
   * False for what is older than what is known, which changes nothing.
   */
  becomeLeader(epoch: number, registration: ReplicaRegistration | null = null): boolean {
    const { role, log } = this;
    if (epoch < role.epoch) return false;
    const isShared = registration !== null && registration.replicas.length > 1;
    if (isShared && role.epoch === NO_EPOCH) this.bounds.restore();
    const isKnown = role.isLeader && role.epoch === epoch;
    const leader = isKnown ? role : new Leader(epoch, log.logEndOffset);
    if (registration !== null) {
      const { minInSyncReplicas } = this.settings;
      const { replication } = role;
      const isNews = leader.register(registration, this.#context, minInSyncReplicas, replication);
      if (!isNews) return false;
    }
    if (!isKnown) {
      this.role = leader;
      log.epochs.assign(epoch, log.logEndOffset);
    }
    this.advance();
    return true;
  }

  /** Another node leads. False for an epoch that is over, which changes nothing. */
  becomeFollower(epoch: number): boolean {
    const { role } = this;
    if (epoch < role.epoch || (role.isLeader && epoch === role.epoch)) return false;
    if (role.epoch === NO_EPOCH) this.bounds.restore();
    if (epoch > role.epoch) this.role = new Follower(epoch);
    return true;
  }

  /** The log lies in another directory now, with the same records, and all of them on the disk. */
  moveTo(log: PartitionLog): void {
    this.log = log;
    if (this.role.isLeader) log.epochs.assign(this.role.epoch, log.logEndOffset);
    this.bounds.moveTo(log);
    this.advance();
  }

  configure(settings: LogSettings): void {
    this.settings = settings;
    this.log.configure(settings);
    const { replication } = this.role;
    if (replication === null) return;
    replication.minInSync = settings.minInSyncReplicas;
    this.advance();
  }

  /**
   * A replica asks for what is behind `offset`, and begins at `startOffset`. 0, or the error code.
   * It may make a proposal to the controllers: see `LeaderReplication.inSync`.
   */
  replicaFetched(id: number, brokerEpoch: number, offset: number, startOffset: number): number {
    const { replication, isLeader } = this.role;
    if (!isLeader) return ERROR.NOT_LEADER_OR_FOLLOWER;
    // The replica knows of its assignment before this node does.
    if (replication === null) return ERROR.UNKNOWN_LEADER_EPOCH;
    const verdict = replication.fetched(id, brokerEpoch, offset, startOffset, this.logEndOffset);
    if (verdict === 'no-replica') return ERROR.UNKNOWN_LEADER_EPOCH;
    if (verdict === 'stale-broker') return ERROR.NOT_LEADER_OR_FOLLOWER;
    replication.expansion(id, this.highWatermark);
    this.advance();
    return 0;
  }

  /** The leader's answer says how far it may be read. */
  learnHighWatermark(offset: number): void {
    if (this.role.isLeader) return;
    this.role.leaderHighWatermark = offset;
    this.advance();
  }

  /** The log is durable here up to `end`. */
  markDurable(end: PositionFields): void {
    if (this.bounds.markDurable(end)) this.advance();
  }

  /** The replicas in sync are others now, or time has passed: the high watermark may rise. */
  advance(): void {
    this.bounds.advance(this.role);
  }

  /** Retention or DeleteRecords: a transaction that began below the start holds readers there. */
  logStartMoved(): void {
    settleStable(this.limits, this.log);
  }

  /**
   * 0, or the wire error code. The batch lies in the ring's memory and is stamped there. A batch
   * that opens a transaction needs the guard of `requestVerification`.
   */
  append(
    memory: Buffer,
    at: number,
    length: number,
    version: number,
    wallMs: number,
    guard = NO_GUARD,
  ): number {
    this.appendedBaseOffset = NO_OFFSET;
    this.appendTimeMs = CREATE_TIME;
    const refusal = this.refusal;
    if (refusal !== 0) return refusal;
    const refused = errorOfProduced(memory, at, length, version, this.settings, wallMs);
    if (refused !== 0) return refused;
    const id = producerId(memory, at);
    if (id >= 0) return this.#appendOfProducer(memory, at, length, id, guard, wallMs);
    const error = this.#write(memory, at, length, wallMs);
    if (error === 0) this.#written();
    return error;
  }

  /**
   * A batch of the broker's own making, such as a coordinator's records. One of a transaction has
   * no sequence, and whoever appends it has verified the transaction.
   */
  appendOwn(memory: Buffer, at: number, length: number, wallMs: number): number {
    this.appendedBaseOffset = NO_OFFSET;
    this.appendTimeMs = CREATE_TIME;
    const refusal = this.refusal;
    if (refusal !== 0) return refusal;
    const id = producerId(memory, at);
    if (id >= 0 && this.isFenced(id, producerEpoch(memory, at))) {
      return ERROR.INVALID_PRODUCER_EPOCH;
    }
    const error = this.#write(memory, at, length, wallMs);
    if (error !== 0) return error;
    if (id >= 0) this.#updateProducer(memory, at, length, id, wallMs);
    this.#written();
    return 0;
  }

  /** Whether a newer epoch of this producer is known. */
  isFenced(id: number, epoch: number): boolean {
    const entry = this.log.producers.entry(id);
    return entry !== undefined && epoch < entry.epoch;
  }

  /**
   * Before the coordinator is asked whether a transaction is open that this partition belongs to
   * (KIP-890). Returns the guard to append with once it agrees; NO_GUARD where a transaction of the
   * producer is open here, so that nobody must be asked; a negative number where it is fenced.
   */
  requestVerification(
    id: number,
    epoch: number,
    sequence: number,
    bumpsEpoch: boolean,
    wallMs: number,
  ): number {
    if (this.isFenced(id, epoch)) return FENCED;
    if (this.log.producers.hasOpenTransaction(id, epoch)) return NO_GUARD;
    return this.verifications.start(id, epoch, sequence, bumpsEpoch, wallMs);
  }

  /** Whether a transactional batch of this producer may be appended with this guard now. */
  isVerified(id: number, epoch: number, guard: number): boolean {
    if (this.log.producers.hasOpenTransaction(id, epoch)) return true;
    return this.verifications.allows(id, guard);
  }

  /**
   * Ends a producer's transaction here, as its coordinator decided: 0, or the error code. Whoever
   * asks waits until `requiredEnd` lies under the high watermark.
   */
  appendMarker(
    producerId: number,
    producerEpoch: number,
    coordinatorEpoch: number,
    isCommit: boolean,
    transactionVersion: number,
    wallMs: number,
  ): number {
    this.appendedBaseOffset = NO_OFFSET;
    const { producers } = this.log;
    const entry = producers.entry(producerId);
    const refused =
      this.refusal || refusalOfMarker(entry, producerEpoch, coordinatorEpoch, transactionVersion);
    if (refused !== 0) return refused;
    const batch = buildEndMarker(isCommit, producerId, producerEpoch, coordinatorEpoch, wallMs);
    const aborted = isCommit ? null : producers.abortedBy(producerId, this.logEndOffset);
    const error = this.#write(batch, 0, batch.length, wallMs, aborted);
    if (error !== 0) return error;
    const offset = this.appendedBaseOffset;
    producers.endTransaction(producerId, producerEpoch, coordinatorEpoch, offset, wallMs, wallMs);
    this.verifications.onMarker(producerId, producerEpoch);
    this.#written();
    return 0;
  }

  /** The log took the batch, which `append` had no part in: see AppendRun. */
  appended(memory: Buffer, at: number, length: number, wallMs: number): void {
    this.appendTimeMs = CREATE_TIME;
    this.requiredEnd = this.log.logEndOffset;
    this.appendedBaseOffset = this.requiredEnd - lastOffsetDelta(memory, at) - 1;
    const id = producerId(memory, at);
    if (id >= 0) this.#updateProducer(memory, at, length, id, wallMs);
    this.#written();
  }

  /** The sequence check and the append are one step of one thread: retries cannot slip between. */
  #appendOfProducer(
    memory: Buffer,
    at: number,
    length: number,
    id: number,
    guard: number,
    wallMs: number,
  ): number {
    const producers = this.log.producers;
    const first = baseSequence(memory, at);
    const last = lastSequence(memory, at);
    const verdict = producers.check(id, producerEpoch(memory, at), first, last);
    if (verdict === SEQUENCE.DUPLICATE) {
      this.appendedBaseOffset = producers.duplicateOffset;
      if (this.settings.logAppendTime) this.appendTimeMs = producers.duplicateTimestamp;
      this.requiredEnd = producers.duplicateOffset + lastOffsetDelta(memory, at) + 1;
      return 0;
    }
    const refused = refusalOfBatch(producers, this.verifications, memory, at, verdict, guard);
    if (refused !== 0) return refused;
    const error = this.#write(memory, at, length, wallMs);
    if (error !== 0) return error;
    this.#updateProducer(memory, at, length, id, wallMs);
    this.#written();
    return 0;
  }

  /** The last append was this batch. */
  #updateProducer(memory: Buffer, at: number, length: number, id: number, wallMs: number): void {
    const { producers, end } = this.log;
    const epoch = producerEpoch(memory, at);
    const first = baseSequence(memory, at);
    const last = lastSequence(memory, at);
    const base = this.appendedBaseOffset;
    const lastOffset = this.requiredEnd - 1;
    const timestamp = maxTimestamp(memory, at);
    const entry = producers.update(id, epoch, first, last, base, lastOffset, timestamp, wallMs);
    if (!isTransactional(memory, at)) return;
    producers.beginTransaction(entry, base, end.segmentBase, end.position - length);
    this.verifications.onAppended(id);
  }

  /** The append itself. `#written` must follow once the producers know of it. */
  #write(
    memory: Buffer,
    at: number,
    length: number,
    wallMs: number,
    aborted: AbortedTransaction | null = null,
  ): number {
    if (this.spaceIsShort) return ERROR.KAFKA_STORAGE_ERROR;
    const log = this.log;
    if (this.settings.logAppendTime) {
      stampLogAppendTime(memory, at, wallMs);
      this.appendTimeMs = wallMs;
    }
    const base = log.logEndOffset;
    const last = base + lastOffsetDelta(memory, at);
    setBaseOffset(memory, at, base);
    setPartitionLeaderEpoch(memory, at, this.role.epoch);
    const timestamp = maxTimestamp(memory, at);
    const outcome = log.append(memory, at, length, last, timestamp, wallMs, aborted);
    if (outcome !== OUTCOME.OK) return ERROR.KAFKA_STORAGE_ERROR;
    this.appendedBaseOffset = base;
    this.requiredEnd = last + 1;
    return 0;
  }

  /** The producers know of the append, which may have opened or ended a transaction. */
  #written(): void {
    if (this.role.replication !== null) this.bounds.batchAdded();
    if (!this.settings.groupCommit) this.markDurable(this.log.end);
  }
}
