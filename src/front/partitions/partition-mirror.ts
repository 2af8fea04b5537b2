import { LogPosition } from '../../base/log-position.ts';
import { ReadLimits } from '../../base/read-limits.ts';
import type { LogReader } from '../../log/log-reader.ts';

/** What of a partition changed, as bits: what consumers may read, the log end, or all. */
export const CHANGED = { NOTHING: 0 as number, LIMITS: 1, END: 2, ALL: 3 };

/** What a follower's log held at its last fetch from this node, which led in that epoch. */
export interface FollowerCopy {
  readonly endOffset: number;
  readonly startOffset: number;
  readonly leaderEpoch: number;
}

/** Waits for partitions to change: a parked fetch, a subscription at the tail. */
export interface PartitionWatcher {
  /**
   * Called once for a drained batch, however many of the watched partitions changed in it: the high
   * watermark, or for `watchEnd` the log end, or the log start moved, or the partition went offline
   * or was deleted.
   */
  onPartitionsChanged(): void;
}

/**
 * The front's picture of one partition. It holds nothing but what the worker told, in order. It is
 * unknown until the worker opens the log, at the first request that needs it.
 */
export class PartitionMirror {
  readonly slot: number;
  readonly worker: number;
  readonly topic: string;
  readonly topicId: string;
  readonly index: number;
  /** '' where it may lie in a log directory that is lost. */
  directory: string;
  /** The log directory that the controllers know it in, while it moves there; '' otherwise. */
  movesTo = '';
  leaderEpoch: number;
  /** The metadata says that this node leads the partition. */
  isLeader = false;
  /** The node that leads it as the metadata say, -1 where there is none. */
  leaderId = -1;
  /** Grows with every change of the partition that the metadata tell of. */
  partitionEpoch = -1;
  /** Other nodes have replicas of it. */
  isShared = false;
  /**
   * Where the log ended when this node was elected, in a partition that others have replicas of.
   * Until the high watermark has come there again, nobody knows where the records end.
   */
  epochStart = 0;
  known = false;
  /** Its worker told the last stable offset: a checkpoint does not say it. */
  isStableKnown = false;
  logStartOffset = 0;
  readonly logEnd = new LogPosition();
  readonly limits = new ReadLimits();
  /** Null until somebody reads, and again while a compaction swaps segments. */
  reader: LogReader | null = null;
  /** Counts how often the reader was taken away. */
  readerDrops = 0;
  loading: Promise<void> | null = null;
  /** Why the log could not be opened for the moment; '' when it could. */
  loadFailure = '';
  /** Why the partition can neither be written nor be trusted; '' when all is well. */
  offlineReason = '';
  removed = false;
  /** How far followers are, by broker. Null where consumers are not sent to followers. */
  copies: Map<number, FollowerCopy> | null = null;
  /** What of it changed, as bits. Its watchers are told at the end of the drained batch. */
  changes = CHANGED.NOTHING;
  readonly #watchers = new Set<PartitionWatcher>();
  /** Null where no follower ever waited for the log end. */
  #endWatchers: Set<PartitionWatcher> | null = null;

  constructor(
    slot: number,
    worker: number,
    topic: string,
    topicId: string,
    index: number,
    directory: string,
    leaderEpoch: number,
  ) {
    this.slot = slot;
    this.worker = worker;
    this.topic = topic;
    this.topicId = topicId;
    this.index = index;
    this.directory = directory;
    this.leaderEpoch = leaderEpoch;
  }

  get logEndOffset(): number {
    return this.logEnd.offset;
  }

  get highWatermark(): number {
    return this.limits.highWatermark.offset;
  }

  get lastStableOffset(): number {
    return this.limits.lastStable.offset;
  }

  /** The end of what a reader of one of Kafka's two isolation levels sees. */
  endFor(readsCommitted: boolean): number {
    return this.limits.boundOf(readsCommitted).offset;
  }

  /** A clean stop left the log like this. It is not opened yet, and its files need not be read. */
  takeCheckpoint(logStartOffset: number, logEndOffset: number): void {
    this.known = true;
    this.logStartOffset = logStartOffset;
    this.logEnd.set(logEndOffset, 0, 0);
    this.limits.moveTo(this.logEnd);
  }

  /** The high watermark lies below what consumers may have read under the leader before. */
  get lagsBehindElection(): boolean {
    return this.highWatermark < this.epochStart;
  }

  /**
   * Before a command that changes files of the log. Its next user loads it anew, behind that
   * command. An answer to a load from before no longer counts.
   */
  dropReader(): void {
    this.reader = null;
    this.readerDrops++;
  }

  get isWatched(): boolean {
    return this.#watchers.size > 0 || this.isEndWatched;
  }

  get isEndWatched(): boolean {
    return this.#endWatchers !== null && this.#endWatchers.size > 0;
  }

  watch(watcher: PartitionWatcher): void {
    this.#watchers.add(watcher);
  }

  /** For followers, who read up to the log end and do not wait for the high watermark. */
  watchEnd(watcher: PartitionWatcher): void {
    this.#endWatchers ??= new Set();
    this.#endWatchers.add(watcher);
  }

  unwatch(watcher: PartitionWatcher): void {
    this.#watchers.delete(watcher);
    this.#endWatchers?.delete(watcher);
  }

  /** Adds those who wait for these changes to a set of those to be told. */
  collectWatchers(changes: number, watchers: Set<PartitionWatcher>): void {
    if ((changes & CHANGED.LIMITS) !== 0) {
      for (const watcher of this.#watchers) watchers.add(watcher);
    }
    if ((changes & CHANGED.END) !== 0 && this.#endWatchers !== null) {
      for (const watcher of this.#endWatchers) watchers.add(watcher);
    }
  }
}
