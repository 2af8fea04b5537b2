/** The log of one partition, for its owner alone. Appends answer a number and allocate nothing. */
import { assert } from '../base/assert.ts';
import { reasonOf } from '../base/errors.ts';
import { failPoint } from '../base/fail-point.ts';
import { LogPosition } from '../base/log-position.ts';
import type { LogSettings } from '../base/log-settings.ts';
import type { Logger } from '../base/logger.ts';
import { isPassingError } from '../base/passing-errors.ts';
import type { CleanedSegment, CleaningPlan } from './compaction/cleaning.ts';
import { applyCleaning, planCleaning } from './compaction/segment-swap.ts';
import { LOG_SUFFIX } from './file-names.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import type { LogFiles } from './log-files.ts';
import type { LogListener, PartitionLogOptions, SegmentSize } from './log-options.ts';
import { missingFileText, removedText } from './missing-files.ts';
import { findBatch } from './offset-search.ts';
import { OUTCOME } from './outcome.ts';
import { openPartition } from './partition-opening.ts';
import { removePartitionDirectory } from './partition-removal.ts';
import { trySnapshot } from './producer-snapshot.ts';
import { ProducerState } from './producer-state.ts';
import { removeFirst } from './remove-first.ts';
import { replaceSegment } from './replace-segment.ts';
import { isFull } from './reserved-file.ts';
import { DeletedFiles, expiredSegments, segmentsBelow } from './retention.ts';
import { RollPolicy } from './roll-policy.ts';
import { Segment } from './segment.ts';
import { segmentSizes } from './segment-sizes.ts';
import { SyncLedger, type SyncTarget } from './sync-ledger.ts';
import { findByTimestamp, findNewest, type TimestampPlace } from './timestamp-search.ts';
import type { AbortedTransaction } from './transactions/aborted-transaction.ts';
import { truncateLog } from './truncation.ts';

export class PartitionLog {
  readonly directory: string;
  readonly producers: ProducerState;
  readonly epochs: LeaderEpochs;
  logStartOffset = 0;
  /** Where the next batch goes: behind the data of the active segment. */
  readonly end = new LogPosition();
  /**
   * The lowest epoch in which this node may lead again without an election. After an unclean stop
   * it is a new one: the crash may have taken a tail, and clients that read it must find out.
   */
  readonly nextEpoch: number;
  readonly #segments: Segment[] = [];
  readonly #logger: Logger;
  readonly #listener: LogListener;
  #settings: LogSettings;
  #active: Segment;
  readonly #rolls: RollPolicy;
  #failure = '';
  #lacksFiles = false;
  /** The log end when its file was last known to be there. */
  #checkedOffset = -1;
  readonly #deleted = new DeletedFiles();
  readonly #ledger: SyncLedger;
  readonly #files: LogFiles;

  /** Blocks while it recovers. Throws where the directory cannot be used. */
  static open(options: PartitionLogOptions): PartitionLog {
    return new PartitionLog(options);
  }

  private constructor(options: PartitionLogOptions) {
    this.directory = options.directory;
    this.#settings = options.settings;
    this.#logger = options.logger;
    this.#listener = options.listener;
    this.producers = new ProducerState(options.producerExpirationMs, options.maxProducers);
    this.epochs = new LeaderEpochs(options.directory);
    const opened = openPartition(options, this.producers, this.epochs);
    for (const facts of opened.segments) {
      this.#segments.push(new Segment(options.directory, facts));
    }
    this.#active = this.#segments.at(-1)!;
    this.logStartOffset = opened.logStartOffset;
    this.setEnd(opened.logEndOffset);
    this.nextEpoch = opened.nextEpoch;
    this.#ledger = new SyncLedger(options.directory, opened);
    this.#rolls = new RollPolicy(options.settings);
    const { directory, listener, logger } = options;
    const kept = { segments: this.#segments, ledger: this.#ledger, deleted: this.#deleted };
    this.#files = { directory, ...kept, listener, logger };
  }

  /** The transactions whose abort marker lies in the active segment. */
  get abortedCount(): number {
    return this.#active.abortedCount;
  }

  get logEndOffset(): number {
    return this.end.offset;
  }

  /** All below it is on the disk. */
  get recoveryPoint(): number {
    return this.#ledger.recoveryPoint;
  }

  /** Why appends are refused, or ''. */
  get failure(): string {
    return this.#failure;
  }

  get sizeBytes(): number {
    let total = 0;
    for (const segment of this.#segments) total += segment.sizeBytes;
    return total;
  }

  segments(): SegmentSize[] {
    return segmentSizes(this.#segments);
  }

  configure(settings: LogSettings): void {
    this.#settings = settings;
    this.#rolls.configure(settings);
  }

  /**
   * Stores one batch that is validated and stamped with its offset, logEndOffset or above, and
   * with the newest of `epochs`. `aborted` is what a marker aborts. One of OUTCOME; where it is not
   * OK nothing has changed.
   */
  append(
    source: Buffer,
    at: number,
    length: number,
    lastOffset: number,
    maxTimestamp: number,
    wallMs: number,
    aborted: AbortedTransaction | null = null,
  ): number {
    if (this.#failure !== '') return OUTCOME.STORAGE_FAILED;
    if (aborted !== null || this.readyFor(length, lastOffset, maxTimestamp, wallMs) === null) {
      const outcome = this.#prepare(length, lastOffset, maxTimestamp, wallMs, aborted);
      if (outcome !== OUTCOME.OK) return outcome;
    }
    const active = this.#active;
    const errno =
      active.makeRoom(length) ||
      active.append(source, at, length, lastOffset, maxTimestamp, wallMs);
    if (errno !== 0) return this.#refuse(errno);
    if (aborted !== null) active.commitAborted();
    this.setEnd(lastOffset + 1);
    return OUTCOME.OK;
  }

  /** The segment that takes such a batch as it is; null where append() must prepare it first. */
  readyFor(length: number, last: number, maxTimestamp: number, wallMs: number): Segment | null {
    const active = this.#active;
    if (this.#failure !== '' || !active.active || this.epochs.isUnsaved) return null;
    return this.#rolls.mustRoll(active, length, last, maxTimestamp, wallMs) ? null : active;
  }

  /** The log ends where the data of the active segment does. The next batch gets that offset. */
  setEnd(offset: number): void {
    this.end.set(offset, this.#active.baseOffset, this.#active.sizeBytes);
  }

  /** Runs before the first append of an opening or leader epoch, before rolls and aborts. */
  #prepare(
    length: number,
    lastOffset: number,
    maxTimestamp: number,
    wallMs: number,
    aborted: AbortedTransaction | null,
  ): number {
    try {
      if (!this.#active.active) this.#active.activate(this.#settings, false);
      if (this.epochs.isUnsaved) this.epochs.save();
      const active = this.#active;
      if (this.#rolls.mustRoll(active, length, lastOffset, maxTimestamp, wallMs)) {
        this.#roll(wallMs);
      }
      if (aborted !== null && this.#active.writeAborted(aborted)) {
        this.#ledger.fileAdded(this.#active.baseOffset);
      }
      return OUTCOME.OK;
    } catch (thrown) {
      if (isPassingError(thrown)) return OUTCOME.STORAGE_FULL;
      this.fail(`${this.directory}: ${reasonOf(thrown)}`);
      return OUTCOME.STORAGE_FAILED;
    }
  }

  #refuse(errno: number): number {
    if (isFull(errno)) return OUTCOME.STORAGE_FULL;
    const path = this.#active.pathOf(LOG_SUFFIX);
    this.fail(`${path} or an index of it cannot be written: errno ${errno}`);
    return OUTCOME.STORAGE_FAILED;
  }

  /** Where it throws, the old segment is still written, or the log is offline. */
  #roll(wallMs: number): void {
    const previous = this.#active;
    this.checkFiles();
    if (this.#failure !== '') throw new Error(this.#failure);
    const fresh = replaceSegment(previous, this.logEndOffset, this.#settings, wallMs);
    this.#segments.push(fresh);
    this.#active = fresh;
    this.setEnd(fresh.baseOffset);
    this.#rolls.drawJitter();
    this.#listener.segmentAdded(fresh.baseOffset, previous.sizeBytes, previous.abortedCount);
    trySnapshot(this.directory, this.producers, this.logEndOffset, this.#logger);
    if (failPoint !== null) failPoint('roll-after-seal');
    try {
      this.#ledger.rolled(previous, fresh.baseOffset);
    } catch (thrown) {
      // After a sync that failed nobody knows what is on the disk.
      this.fail(`${this.directory}: ${reasonOf(thrown)}`);
      throw thrown;
    }
  }

  /** From here on nothing is appended until the log is opened again. '' changes nothing. */
  fail(reason: string): void {
    if (reason === '' || this.#failure !== '') return;
    this.#failure = reason;
    this.#logger.error(`log offline: ${reason}`);
    this.#listener.failed(reason);
  }

  /** Fails where files are missing. Costs a system call for each segment. */
  checkFiles(): void {
    this.#failRemoved(missingFileText(this.#segments));
  }

  /** The same for the active segment, if something was appended since the last check. */
  checkWritten(): void {
    if (this.#checkedOffset === this.logEndOffset) return;
    this.#checkedOffset = this.logEndOffset;
    this.#failRemoved(removedText(this.#active));
  }

  #failRemoved(reason: string): void {
    this.#lacksFiles ||= reason !== '';
    this.fail(reason);
  }

  /** The first record from an offset on whose timestamp is not below. Null where there is none. */
  offsetForTimestamp(timestampMs: number, fromOffset = 0): TimestampPlace | null {
    const minOffset = Math.max(fromOffset, this.logStartOffset);
    return findByTimestamp(this.#segments, timestampMs, minOffset);
  }

  /** The first record with the largest timestamp. Null where no record has one. */
  maxTimestampOffset(): TimestampPlace | null {
    return findNewest(this.#segments, this.logStartOffset);
  }

  /** Null where all is on the disk. */
  syncTarget(): SyncTarget | null {
    if (this.logEndOffset === this.recoveryPoint || this.#failure !== '') return null;
    return this.#ledger.target(this.#active, this.logEndOffset);
  }

  /** Segments have been rolled that the disk may not have: a recovery would scan them all. */
  get hasRolled(): boolean {
    return this.#ledger.hasRolled;
  }

  /** What must be synced for them: all below the active segment. Null where there are none. */
  rolledTarget(): SyncTarget | null {
    if (!this.hasRolled || this.#failure !== '') return null;
    return this.#ledger.rolledTarget(this.#active);
  }

  /** A sync of such a target has succeeded. False where what it covered was truncated meanwhile. */
  markSynced(offset: number): boolean {
    return this.#ledger.markSynced(offset, this.#active.baseOffset);
  }

  /** Sets `into` to the batch that holds an offset, or to the log end where none does. */
  findBatch(offset: number, into: LogPosition): void {
    if (!findBatch(this.#segments, offset, into)) into.copy(this.end);
  }

  /**
   * Takes away the batch that holds `offset` and all behind it; with `isAnew` all there is, and the
   * log begins at `offset`. One of OUTCOME; where it is STORAGE_FULL nothing has changed. No reader
   * may open segments of this log meanwhile.
   */
  truncateTo(offset: number, wallMs: number, isAnew = false): number {
    if (this.#failure !== '') return OUTCOME.STORAGE_FAILED;
    try {
      // This node may have led in an epoch without a record, of which its leader does not know.
      if (offset >= this.logEndOffset && !isAnew) this.epochs.truncateFrom(this.logEndOffset);
      else this.#truncate(offset, wallMs, isAnew);
      return OUTCOME.OK;
    } catch (thrown) {
      const isWhole = this.#segments.at(-1) === this.#active;
      if (isPassingError(thrown) && isWhole) return OUTCOME.STORAGE_FULL;
      this.fail(`${this.directory}: truncation: ${reasonOf(thrown)}`);
      return OUTCOME.STORAGE_FAILED;
    }
  }

  #truncate(offset: number, wallMs: number, isAnew: boolean): void {
    const endOffset = truncateLog(this, this.#files, this.#settings, offset, wallMs, isAnew);
    this.#active = this.#segments.at(-1)!;
    this.setEnd(endOffset);
    this.logStartOffset = isAnew ? endOffset : Math.min(this.logStartOffset, endOffset);
  }

  /** Makes all before an offset unreadable and removes the segments that hold nothing else. */
  deleteRecordsBefore(offset: number, wallMs: number): void {
    assert(offset <= this.logEndOffset, 'the log start cannot pass the log end');
    if (offset <= this.logStartOffset) return;
    this.#raiseLogStart(offset);
    removeFirst(this.#files, segmentsBelow(this.#segments, offset), wallMs);
  }

  /**
   * Removes segments by age, by size and below the log start, never what is above `limitOffset`
   * (the high watermark). Their files are renamed now and unlinked when releaseDeleted() says so.
   */
  applyRetention(wallMs: number, limitOffset: number): void {
    this.producers.expire(wallMs);
    const segments = this.#segments;
    const start = this.logStartOffset;
    const count = expiredSegments(segments, this.#settings, start, limitOffset, wallMs);
    if (count === 0) return;
    if (count === segments.length) {
      const outcome = this.#rollForRetention(wallMs);
      if (outcome !== OUTCOME.OK) return;
    }
    this.#raiseLogStart(Math.max(start, segments[count]!.baseOffset));
    removeFirst(this.#files, count, wallMs);
  }

  /** All records have expired, those of the active segment too: it gives way to an empty one. */
  #rollForRetention(wallMs: number): number {
    try {
      if (!this.#active.active) this.#active.activate(this.#settings, false);
      this.#roll(wallMs);
      return OUTCOME.OK;
    } catch (thrown) {
      this.#logger.warn(`${this.directory}: retention: ${reasonOf(thrown)}`);
      return OUTCOME.STORAGE_FULL;
    }
  }

  #raiseLogStart(offset: number): void {
    this.logStartOffset = offset;
    this.epochs.truncateTo(offset);
  }

  cleaningPlan(endOffset: number): CleaningPlan {
    return planCleaning(this, this.#files, endOffset);
  }

  /** No reader may open segments of this log meanwhile. False where some of them had gone. */
  finishCleaning(cleaned: readonly CleanedSegment[], wallMs: number): boolean {
    return applyCleaning(this.#files, cleaned, wallMs);
  }

  /** Unlinks what was deleted at least `file.delete.delay.ms` ago, without waiting for the disk. */
  releaseDeleted(wallMs: number): void {
    this.#deleted.release(wallMs, this.#settings.fileDeleteDelayMs);
  }

  /**
   * Ends this process's work on the log. Nobody may be reading any more. When `clean`, it waits for
   * the disk and leaves nothing to recover. Returns whether everything is on the disk. `synced`
   * has the directories that logs closed before have synced.
   */
  close(clean: boolean, synced = new Set<string>()): boolean {
    const active = this.#active;
    try {
      this.#failRemoved(removedText(active));
      // The next start must notice the missing records. It must not assign their offsets again.
      if (clean && this.#lacksFiles) this.#ledger.syncAll(this.logEndOffset, synced);
      if (!clean || this.#failure !== '') return false;
      if (this.#ledger.isUntouched(active, this.logEndOffset)) return true;
      if (active.active) {
        active.seal(true);
        active.sync();
        active.closeLog();
      }
      for (const segment of this.#segments) segment.cutIndexTail();
      trySnapshot(this.directory, this.producers, this.logEndOffset, this.#logger);
      this.#ledger.syncAll(this.logEndOffset, synced);
      return true;
    } catch (thrown) {
      this.fail(`${this.directory}: ${reasonOf(thrown)}`);
      return false;
    } finally {
      this.#ledger.closeAll();
      active.abandon();
    }
  }

  /** Gives up the partition: the directory is renamed at once and removed in the background. */
  delete(): void {
    this.close(false);
    removePartitionDirectory(this.directory);
  }
}
