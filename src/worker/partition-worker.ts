import type { Clock } from '../base/clock.ts';
import { isSystemError, reasonOf } from '../base/errors.ts';
import { type Logger, RateLimitedLog } from '../base/logger.ts';
import { NO_GUARD } from '../base/no-guard.ts';
import { isPassingError } from '../base/passing-errors.ts';
import type { ControlCommand } from '../exchange/control.ts';
import type { FrontProxy } from '../exchange/front-proxy.ts';
import { ACKS_OF_COPY } from '../exchange/messages.ts';
import type { CommandHandler } from '../exchange/worker-adapter.ts';
import type { CoordinateCall, MarkerFields } from '../exchange/worker-proxy.ts';
import type { Partition } from '../partition/partition.ts';
import { AppendCommands } from './append-commands.ts';
import { ControlCommands } from './control-commands.ts';
import { Coordinators } from './coordinators/coordinators.ts';
import type { Duties } from './duty-cycle.ts';
import { GatheredAppends } from './gathered-appends.ts';
import { GroupCommands } from './groups/group-commands.ts';
import { GroupWarmUp } from './groups/group-warm-up.ts';
import { KnownTopics } from './groups/known-topics.ts';
import { LogMoves } from './log-moves.ts';
import type { HostedPartition, PartitionHost } from './partition-host.ts';
import { ReplicaCommands } from './replica-commands.ts';
import { TransactionCommands } from './transactions/transaction-commands.ts';

/** A broker may write for this long to files that were removed under it. */
const FILES_CHECK_MS = 1000;
/** The least time between two log lines about passing errors of one partition. */
const PASSING_LOG_MS = 10_000;

/** One worker: what each command does, and what is due by time. */
export class PartitionWorker implements CommandHandler, Duties {
  stopping = false;
  readonly #host: PartitionHost;
  readonly #front: FrontProxy;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #passing: RateLimitedLog;
  readonly #appends: AppendCommands;
  readonly #gathered: GatheredAppends;
  readonly #controls: ControlCommands;
  readonly #replicas: ReplicaCommands;
  readonly #moves: LogMoves;
  readonly #coordinators: Coordinators;
  readonly #transactions: TransactionCommands;
  readonly #warmUp: GroupWarmUp;
  readonly #retentionCheckMs: number;
  #retentionDueMs: number;
  #filesDueMs = 0;
  #wallMs: number;
  #nowMs: number;

  constructor(
    host: PartitionHost,
    front: FrontProxy,
    clock: Clock,
    logger: Logger,
    retentionCheckMs: number,
  ) {
    this.#host = host;
    this.#front = front;
    this.#clock = clock;
    this.#logger = logger;
    this.#passing = new RateLimitedLog(logger, PASSING_LOG_MS);
    this.#retentionCheckMs = retentionCheckMs;
    this.#retentionDueMs = clock.monotonicMs() + retentionCheckMs;
    this.#wallMs = clock.wallMs();
    this.#nowMs = clock.monotonicMs();
    const open = (slot: number) => this.#open(slot);
    this.#appends = new AppendCommands(host, front, open);
    this.#gathered = new GatheredAppends(this.#appends);
    this.#coordinators = new Coordinators({
      host,
      front,
      clock,
      logger,
      open,
      appended: (hosted) => this.#appends.appendedOwn(hosted),
    });
    const openNow = (slot: number) => this.#openUnlessPassing(slot);
    const wallMs = () => clock.wallMs();
    const moved = (hosted: HostedPartition): void => {
      this.#appends.moved(hosted);
      this.#coordinators.onSynced(hosted.slot);
    };
    this.#moves = new LogMoves({ host, front, open: openNow, moved, wallMs, logger });
    this.#replicas = new ReplicaCommands({
      host,
      front,
      open: openNow,
      moved,
      cut: (slot) => this.#moves.cut(slot),
      tell: (partition) => this.#appends.tell(partition),
      wallMs,
    });
    const topics = new KnownTopics();
    this.#transactions = new TransactionCommands(host, this.#coordinators, topics, front);
    this.#warmUp = new GroupWarmUp(this.#nowMs);
    this.#controls = new ControlCommands({
      host,
      coordinators: this.#coordinators,
      groups: new GroupCommands(this.#coordinators, topics),
      transactions: this.#transactions,
      replicas: this.#replicas,
      moves: this.#moves,
      open: openNow,
      tell: (partition) => this.#appends.tell(partition),
      wallMs,
    });
  }

  /**
   * After an unclean stop: opens every log, which scans it, before requests are served. One that
   * was never used is made by its first user: to make thousands takes longer than to scan them.
   */
  recoverAll(): void {
    this.beforeBatch();
    for (const hosted of this.#host.partitions()) {
      if (this.#host.isUnused(hosted)) {
        this.#appends.tellEmpty(hosted.slot);
        continue;
      }
      const partition = this.#open(hosted.slot);
      if (partition !== null) this.#appends.tell(partition);
    }
    this.#front.flush();
  }

  onAppend(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    memory: Buffer,
    recordsAt: number,
    recordsBytes: number,
    guard = NO_GUARD,
  ): void {
    const wallMs = this.#wallMs;
    this.#appends.append(
      slot,
      ticket,
      index,
      acks,
      version,
      memory,
      recordsAt,
      recordsBytes,
      wallMs,
      guard,
    );
  }

  /**
   * The batch stays where it lies until `writeGathered`. Before that nothing else may be done here.
   * False where it must come by `onAppend`.
   */
  gather(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    memory: Buffer,
    at: number,
    length: number,
  ): boolean {
    const hosted = this.#host.hosted(slot);
    if (hosted === undefined || hosted.space.isShort || acks === ACKS_OF_COPY) return false;
    const waiting = { ticket, index, acks, version };
    return this.#gathered.add(hosted, waiting, memory, at, length, this.#wallMs);
  }

  writeGathered(memory: Buffer): void {
    if (!this.#gathered.isEmpty) this.#gathered.write(memory);
  }

  /** Group coordinators must hear of the end of a transaction that wrote into their partition. */
  onAppendMarker(slot: number, ticket: number, index: number, marker: MarkerFields): void {
    const hosted = this.#host.hosted(slot);
    if (hosted === undefined || !this.#coordinators.isTopic(hosted.topic)) {
      this.#appends.appendMarker(slot, ticket, index, marker, this.#wallMs);
      return;
    }
    this.#coordinators.endTransaction(slot, marker, (errorCode) => {
      this.#appends.markerWritten(slot, ticket, index, errorCode);
    });
  }

  onControl(ticket: number, command: ControlCommand): void {
    // A stop closes the logs, so the records of earlier requests are written first.
    if (command.kind === 'stop') this.#coordinators.afterBatch();
    if (command.kind === 'remove') this.#appends.abandon(command.slots);
    const answer = this.#controls.run(command);
    if (command.kind === 'configure') this.#appends.settle(command.slots);
    if (command.kind === 'elect') this.#appends.settle(command.elections.map(({ slot }) => slot));
    if (command.kind === 'take-offline') this.#appends.settle([command.slot]);
    if (command.kind === 'lose-directory') this.#appends.settle(this.#host.slotsIn(command.logDir));
    this.#front.controlAnswer(ticket, answer);
    if (command.kind === 'stop') this.stopping = true;
  }

  onCoordinate(ticket: number, call: CoordinateCall): void {
    this.#warmUp.cancel();
    this.#coordinators.coordinate(ticket, call);
  }

  onSynced(slot: number, errno: number): void {
    this.#appends.synced(slot, errno);
    this.#coordinators.onSynced(slot);
  }

  beforeBatch(): void {
    this.#wallMs = this.#clock.wallMs();
    this.#nowMs = this.#clock.monotonicMs();
    this.#host.replication.nowMs = this.#nowMs;
    this.#host.spaces.look(this.#nowMs);
  }

  afterBatch(): void {
    this.#coordinators.afterBatch();
    this.#transactions.flush();
    this.#appends.afterBatch(this.#nowMs);
    this.#front.flush();
  }

  runTimers(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#nowMs = nowMs;
    this.#host.replication.nowMs = nowMs;
    const lagMs = this.#replicas.runTimers(nowMs);
    const warmUpMs = this.#warmUp.runTimers(nowMs);
    const coordinatorsMs = this.#coordinators.runTimers(nowMs);
    const syncsMs = this.#appends.runTimers(nowMs);
    const movesMs = this.#moves.runTimers(nowMs);
    this.afterBatch();
    if (nowMs >= this.#retentionDueMs) {
      this.#applyRetention();
      this.#retentionDueMs = nowMs + this.#retentionCheckMs;
    }
    if (nowMs >= this.#filesDueMs) {
      this.#checkFiles();
      this.#filesDueMs = nowMs + FILES_CHECK_MS;
    }
    const dueMs = Math.min(this.#retentionDueMs, this.#filesDueMs);
    return Math.min(dueMs - nowMs, warmUpMs, coordinatorsMs, syncsMs, movesMs, lagMs);
  }

  /** Records that are written to a removed file are lost, so removed files are noticed soon. */
  #checkFiles(): void {
    for (const { partition } of this.#host.partitions()) {
      if (partition !== null && partition.offlineReason === '') partition.log.checkWritten();
    }
    this.#front.flush();
  }

  #applyRetention(): void {
    const wallMs = this.#clock.wallMs();
    for (const { partition } of this.#host.partitions()) {
      if (partition === null || partition.offlineReason !== '') continue;
      const before = partition.logStartOffset;
      this.#retain(partition, wallMs);
      if (partition.logStartOffset === before) continue;
      partition.logStartMoved();
      this.#appends.tell(partition);
    }
    this.#front.flush();
  }

  /** A disk that fails takes the partition offline and leaves the broker running. */
  #retain(partition: Partition, wallMs: number): void {
    try {
      partition.log.checkFiles();
      partition.log.applyRetention(wallMs, partition.highWatermark);
      partition.verifications.expire(wallMs, partition.log.producers.expirationMs);
      partition.log.releaseDeleted(wallMs);
    } catch (thrown) {
      if (!isSystemError(thrown)) throw thrown;
      const reason = `retention: ${reasonOf(thrown)}`;
      if (isPassingError(thrown)) this.#warn(partition.slot, reason);
      else partition.log.fail(reason);
    }
  }

  /** Null where the log cannot be opened, for now or at all. */
  #open(slot: number): Partition | null {
    try {
      return this.#openUnlessPassing(slot);
    } catch (thrown) {
      if (!isPassingError(thrown)) throw thrown;
      return null;
    }
  }

  #warn(slot: number, text: string): void {
    const { topic, index } = this.#host.hosted(slot)!;
    const name = `${topic}-${index}`;
    this.#passing.warn(name, `${name}: ${text}`, this.#clock.monotonicMs());
  }

  /**
   * A log that cannot be opened takes its partition offline and leaves the broker running. A
   * passing error, such as a lack of descriptors, is thrown, and the next request tries again.
   */
  #openUnlessPassing(slot: number): Partition | null {
    try {
      return this.#host.open(slot);
    } catch (thrown) {
      const reason = reasonOf(thrown);
      if (isPassingError(thrown)) {
        this.#warn(slot, `cannot be opened now: ${reason}`);
        throw thrown;
      }
      const hosted = this.#host.hosted(slot)!;
      this.#logger.error(`${hosted.topic}-${hosted.index} is offline: ${reason}`);
      this.#front.event({ kind: 'offline', slot, reason, isOfDisk: isSystemError(thrown) });
      return null;
    }
  }
}
