import { dirname, sep } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { isSystemError, reasonOf } from '../base/errors.ts';
import type { LogSettings } from '../base/log-settings.ts';
import type { Logger } from '../base/logger.ts';
import type {
  ElectedRole,
  Election,
  MovedWatermark,
  PartitionCheckpoint,
  PartitionEvent,
  TopicPlaces,
} from '../exchange/control.ts';
import type { ReplicaAssignment } from '../exchange/replica-messages.ts';
import { segmentBases } from '../log/log-loader.ts';
import type { LogListener } from '../log/log-options.ts';
import { PartitionLog } from '../log/partition-log.ts';
import { removePartitionDirectory } from '../log/partition-removal.ts';
import { storage } from '../log/storage.ts';
import { AckWaiters } from '../partition/ack-waiters.ts';
import { BackgroundFlush } from '../partition/background-flush.ts';
import { GroupCommit } from '../partition/group-commit.ts';
import type { LogCopy } from '../partition/log-copy.ts';
import { Partition } from '../partition/partition.ts';
import type { InSyncProposal } from '../replication/in-sync-replicas.ts';
import { LONE_NODE, type ReplicationContext } from '../replication/replication-context.ts';
import type { FreeSpace } from './free-space.ts';
import type { FreeSpaces } from './free-spaces.ts';

/** A partition that this worker owns, whether its log is open or not. */
export interface HostedPartition {
  readonly slot: number;
  readonly topic: string;
  readonly topicId: string;
  readonly index: number;
  leaderEpoch: number;
  /** Null where nobody elects. */
  role: ElectedRole | null;
  /** Null where nobody else has a replica. */
  assignment: ReplicaAssignment | null;
  /** The proposal that the front knows of. */
  toldProposal: InSyncProposal | null;
  directory: string;
  /** Its log directory is lost, and it is not touched any more. */
  isLost: boolean;
  /** Of the disk that it lies on. */
  space: FreeSpace;
  /** From the last checkpoint. It holds until the log is opened. */
  readonly logStartOffset: number;
  readonly recoveryPoint: number;
  /** The same, or what the front was told last to write into one. */
  highWatermark: number;
  settings: LogSettings;
  partition: Partition | null;
  /** With `partition`: the appends that wait for its high watermark. */
  waiters: AckWaiters | null;
  commit: GroupCommit | null;
  flush: BackgroundFlush | null;
  /** It has appends since the last drained batch, whose syncs are not started yet. */
  isTouched: boolean;
  /** The front waits for no reply that would carry its new state. */
  isUntold: boolean;
}

export interface HostServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spaces: FreeSpaces;
  producerExpiryMs: number;
  readonly producerIdsMax: number;
  event(event: PartitionEvent): void;
  requestSync(slot: number, descriptors: readonly number[], directories: readonly string[]): void;
}

/** All partitions of one worker, by slot. Logs are opened when first touched. */
export class PartitionHost {
  /** What is known of this node's cluster. */
  readonly replication: ReplicationContext = { ...LONE_NODE };
  readonly #services: HostServices;
  readonly #bySlot = new Map<number, HostedPartition>();

  constructor(services: HostServices) {
    this.#services = services;
  }

  partitions(): IterableIterator<HostedPartition> {
    return this.#bySlot.values();
  }

  get spaces(): FreeSpaces {
    return this.#services.spaces;
  }

  hosted(slot: number): HostedPartition | undefined {
    return this.#bySlot.get(slot);
  }

  register(topic: TopicPlaces): void {
    for (const place of topic.partitions) {
      this.#bySlot.set(place.slot, {
        slot: place.slot,
        topic: topic.name,
        topicId: topic.id,
        index: place.index,
        leaderEpoch: place.leaderEpoch,
        role: place.role ?? null,
        assignment: place.assignment ?? null,
        toldProposal: null,
        logStartOffset: place.logStartOffset,
        recoveryPoint: place.recoveryPoint,
        highWatermark: place.highWatermark,
        directory: `${place.logDir}${sep}${topic.name}-${place.index}`,
        isLost: false,
        space: this.spaces.of(place.logDir),
        settings: topic.settings,
        partition: null,
        waiters: null,
        commit: null,
        flush: null,
        isTouched: false,
        isUntold: false,
      });
    }
  }

  expireProducersAfter(ms: number): void {
    this.#services.producerExpiryMs = ms;
    for (const { partition } of this.#bySlot.values()) {
      if (partition !== null) partition.log.producers.expirationMs = ms;
    }
  }

  /**
   * The open partition; null when there is none of that slot, or its disk is lost. Throws when its
   * log will not open.
   */
  open(slot: number): Partition | null {
    const hosted = this.#bySlot.get(slot);
    if (hosted === undefined) return null;
    if (hosted.partition !== null) return hosted.partition;
    return hosted.isLost ? null : this.#open(hosted);
  }

  /** In a cluster: nothing was ever written there, so the log is empty. */
  isUnused({ role, directory, logStartOffset, recoveryPoint }: HostedPartition): boolean {
    if (role === null || logStartOffset > 0 || recoveryPoint > 0) return false;
    try {
      return segmentBases(directory).length === 0;
    } catch (thrown) {
      // The opening tells what is wrong with it.
      if (!isSystemError(thrown)) throw thrown;
      return false;
    }
  }

  #open(hosted: HostedPartition): Partition {
    const services = this.#services;
    const { slot, leaderEpoch } = hosted;
    const log = this.openLog(hosted, hosted.directory, hosted, this.#listenerOf(hosted));
    const { settings, highWatermark } = hosted;
    const partition = new Partition(slot, log, settings, highWatermark, this.replication);
    // Where nobody elects, this node leads what it holds, in the epoch that its log allows.
    if (hosted.role === null) partition.becomeLeader(Math.max(leaderEpoch, log.nextEpoch));
    else this.#takeRole(partition, hosted);
    hosted.partition = partition;
    hosted.waiters = new AckWaiters(partition);
    hosted.flush = new BackgroundFlush(partition, services.requestSync);
    if (hosted.settings.groupCommit) this.#useGroupCommit(hosted, partition);
    if (partition.leaderEpoch > leaderEpoch) {
      services.event({ kind: 'leader-epoch', slot, leaderEpoch: partition.leaderEpoch });
    }
    return partition;
  }

  /** A log of that partition; the one that is served, or a copy of it. */
  openLog(
    { topicId, assignment, settings }: HostedPartition,
    directory: string,
    { logStartOffset, recoveryPoint }: { logStartOffset: number; recoveryPoint: number },
    listener: LogListener,
  ): PartitionLog {
    const { producerExpiryMs, producerIdsMax, clock, logger } = this.#services;
    return PartitionLog.open({
      directory,
      topicId,
      settings,
      logStartOffset,
      recoveryPoint,
      hasReplicas: assignment !== null,
      producerExpirationMs: producerExpiryMs,
      maxProducers: producerIdsMax,
      wallMs: clock.wallMs(),
      logger,
      listener,
    });
  }

  /**
   * The copy, which is closed and on the disk, takes the place of the log. The log goes first: a
   * start that finds no log, but a copy where the controllers know the replica, takes that.
   */
  replaceLog(hosted: HostedPartition, copy: LogCopy, logDir: string): void {
    const partition = hosted.partition!;
    const { logStartOffset, logEndOffset: recoveryPoint } = partition;
    this.#removeReplaced(partition.log);
    hosted.directory = `${logDir}${sep}${hosted.topic}-${hosted.index}`;
    hosted.space = this.spaces.of(logDir);
    storage.rename(copy.log.directory, hosted.directory);
    storage.syncDirectory(logDir);
    const offsets = { logStartOffset, recoveryPoint };
    const log = this.openLog(hosted, hosted.directory, offsets, this.#listenerOf(hosted));
    partition.moveTo(log);
    const { requestSync } = this.#services;
    hosted.flush = new BackgroundFlush(partition, requestSync);
    hosted.commit = hosted.commit === null ? null : new GroupCommit(partition, requestSync);
  }

  /** Where its disk fails at it, it stays there, and the next start sets it aside. */
  #removeReplaced(log: PartitionLog): void {
    try {
      log.delete();
      storage.syncDirectory(dirname(log.directory));
    } catch (thrown) {
      if (!isSystemError(thrown)) throw thrown;
      const why = `${log.directory} cannot be removed: ${reasonOf(thrown)}`;
      this.#services.logger.warn(why);
    }
  }

  #listenerOf(hosted: HostedPartition): LogListener {
    const { slot } = hosted;
    const { event } = this.#services;
    return {
      segmentAdded: (baseOffset, previousSizeBytes, previousAborted) =>
        event({ kind: 'segment-added', slot, baseOffset, previousSizeBytes, previousAborted }),
      segmentRemoved: (baseOffset) => event({ kind: 'segment-removed', slot, baseOffset }),
      failed: (reason) => {
        if (hosted.partition !== null) hosted.partition.offlineReason = reason;
        event({ kind: 'offline', slot, reason, isOfDisk: true });
      },
    };
  }

  #useGroupCommit(hosted: HostedPartition, partition: Partition): void {
    hosted.commit = new GroupCommit(partition, this.#services.requestSync);
  }

  /** The open partition whose role is another now, if there is one. */
  elect({ slot, leaderEpoch, role, assignment }: Election): Partition | null {
    const hosted = this.#bySlot.get(slot);
    if (hosted === undefined) return null;
    hosted.leaderEpoch = leaderEpoch;
    hosted.role = role;
    hosted.assignment = assignment ?? null;
    if (hosted.partition !== null) this.#takeRole(hosted.partition, hosted);
    return hosted.partition;
  }

  /** The epoch is that of the election, whatever the log has seen: others count on it, too. */
  #takeRole(partition: Partition, { slot, role, leaderEpoch, assignment }: HostedPartition): void {
    const before = partition.role;
    if (role === 'leader') {
      const registration = assignment === null ? null : { leaderEpoch, ...assignment };
      partition.becomeLeader(leaderEpoch, registration);
    } else {
      partition.becomeFollower(leaderEpoch);
    }
    const { role: now } = partition;
    if (now === before || !now.isLeader || now.replication === null) return;
    this.#services.event({ kind: 'epoch-start', slot, offset: now.epochStart });
  }

  configure(slot: number, settings: LogSettings): void {
    const hosted = this.#bySlot.get(slot);
    if (hosted === undefined) return;
    hosted.settings = settings;
    const partition = hosted.partition;
    if (partition === null) return;
    partition.configure(settings);
    if (settings.groupCommit && hosted.commit === null) this.#useGroupCommit(hosted, partition);
  }

  slotsIn(logDir: string): number[] {
    const all = [...this.#bySlot.values()];
    return all.filter(({ directory }) => dirname(directory) === logDir).map(({ slot }) => slot);
  }

  /** The disk with that log directory failed. */
  lose(logDir: string, reason: string): void {
    for (const slot of this.slotsIn(logDir)) {
      const hosted = this.#bySlot.get(slot)!;
      hosted.isLost = true;
      hosted.partition?.log.fail(reason);
    }
  }

  remove(slot: number): void {
    const hosted = this.#bySlot.get(slot);
    if (hosted === undefined) return;
    this.#bySlot.delete(slot);
    if (hosted.isLost) {
      // The next start finds it, and sets it aside.
      hosted.partition?.log.close(false);
      return;
    }
    if (hosted.partition !== null) hosted.partition.log.delete();
    else removePartitionDirectory(hosted.directory);
    // Or a power loss might bring it back, for a topic that is made under the same name meanwhile.
    if (hosted.settings.groupCommit) storage.syncDirectory(dirname(hosted.directory));
  }

  /** How far each open log is. */
  checkpoints(): PartitionCheckpoint[] {
    const checkpoints: PartitionCheckpoint[] = [];
    for (const { slot, partition } of this.#bySlot.values()) {
      if (partition === null) continue;
      const { logStartOffset, highWatermark, log } = partition;
      checkpoints.push({ slot, logStartOffset, recoveryPoint: log.recoveryPoint, highWatermark });
    }
    return checkpoints;
  }

  /** Of the open logs, those since the last call. */
  movedWatermarks(): MovedWatermark[] {
    const moved: MovedWatermark[] = [];
    for (const hosted of this.#bySlot.values()) {
      const highWatermark = hosted.partition?.highWatermark ?? hosted.highWatermark;
      if (highWatermark === hosted.highWatermark) continue;
      hosted.highWatermark = highWatermark;
      moved.push({ slot: hosted.slot, highWatermark });
    }
    return moved;
  }

  /** Closes all logs; those that cannot be closed cleanly are scanned by the next start. */
  closeAll(): PartitionCheckpoint[] {
    // The directories that they lie in are synced once.
    const synced = new Set<string>();
    for (const { partition } of this.#bySlot.values()) partition?.log.close(true, synced);
    const checkpoints = this.checkpoints();
    for (const hosted of this.#bySlot.values()) hosted.partition = null;
    return checkpoints;
  }
}
