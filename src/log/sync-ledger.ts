import { dirname } from 'node:path';
import type { PositionFields } from '../base/log-position.ts';
import type { OpenedPartition } from './partition-opening.ts';
import type { Segment } from './segment.ts';
import { storage } from './storage.ts';

/**
 * With more rolled segments than this the oldest is synced without being asked: descriptors must
 * not pile up.
 */
const MAX_WAITING = 16;

/**
 * What must be synced for all below `end` to be on the disk. Its descriptors stay open until then.
 */
export interface SyncTarget {
  /** For fdatasync. */
  readonly files: readonly number[];
  /** For fsync: directories with new entries. Mostly there are none. */
  readonly directories: readonly string[];
  readonly end: PositionFields;
}

/** What the opening of a log found out about its files. */
type OpenedLedger = Pick<OpenedPartition, 'recoveryPoint' | 'newestUnsynced' | 'isNew'>;

/** Which files of a log the disk may not have yet. */
export class SyncLedger {
  readonly #directory: string;
  /** All below it is on the disk. */
  recoveryPoint: number;
  /** How often this process has cut the log. */
  truncations = 0;
  /** Rolled segments; they keep their descriptors. */
  #rolled: Segment[] = [];
  /** Another thread may be syncing the descriptors of the last target. None is closed meanwhile. */
  #isSyncing = false;
  /** The log was truncated during that sync, which says nothing about what is there now. */
  #isOutdated = false;
  /** Segments whose descriptors are closed when that sync has ended. */
  #leaving: Segment[] = [];
  /** The base offset of the newest segment whose directory entry may not be on the disk, or -1. */
  #newestEntry: number;
  /**
   * The entry of the partition's own directory counts too until the first sync of such a segment.
   */
  #parentUnsynced: boolean;

  /** The log was made by this process and never cut. */
  #isNew: boolean;

  constructor(directory: string, opened: OpenedLedger) {
    this.#directory = directory;
    this.recoveryPoint = opened.recoveryPoint;
    this.#newestEntry = opened.newestUnsynced;
    this.#parentUnsynced = opened.newestUnsynced >= 0;
    this.#isNew = opened.isNew;
  }

  /**
   * Whether nothing was ever written to the log. Where a power loss takes its files, the next start
   * makes the same again. So thousands of such logs need not wait for the disk.
   */
  isUntouched(active: Segment, logEndOffset: number): boolean {
    return this.#isNew && logEndOffset === 0 && active.baseOffset === 0 && !active.active;
  }

  get hasRolled(): boolean {
    return this.#rolled.length > 0;
  }

  rolled(previous: Segment, freshBase: number): void {
    this.#rolled.push(previous);
    this.#newestEntry = freshBase;
    if (this.#rolled.length <= MAX_WAITING) return;
    this.#rolled[0]!.sync();
    this.#advance(this.#rolled[1]!.baseOffset, freshBase);
  }

  /** The segment got another file, whose entry the disk may not have. */
  fileAdded(baseOffset: number): void {
    this.#newestEntry = Math.max(this.#newestEntry, baseOffset);
  }

  /** Everything up to the log end. */
  target(active: Segment, logEndOffset: number): SyncTarget {
    const end = {
      offset: logEndOffset,
      segmentBase: active.baseOffset,
      position: active.sizeBytes,
    };
    const files = this.#rolled.flatMap((segment) => segment.descriptors);
    if (active.active) files.push(...active.descriptors);
    this.#isSyncing = true;
    return { files, directories: this.#directories(), end };
  }

  /** Everything up to the active segment. */
  rolledTarget(active: Segment): SyncTarget {
    this.#isSyncing = true;
    return {
      files: this.#rolled.flatMap((segment) => segment.descriptors),
      directories: this.#directories(),
      end: { offset: active.baseOffset, segmentBase: active.baseOffset, position: 0 },
    };
  }

  #directories(): string[] {
    if (this.#newestEntry < 0) return [];
    return this.#parentUnsynced ? [this.#directory, dirname(this.#directory)] : [this.#directory];
  }

  /** The sync of a target has ended well. False where it was for a tail that is gone. */
  markSynced(offset: number, activeBase: number): boolean {
    const isOutdated = this.#isOutdated;
    this.#isSyncing = false;
    this.#isOutdated = false;
    this.#closeLeaving();
    if (!isOutdated) this.#advance(offset, activeBase);
    return !isOutdated;
  }

  /** The log was cut to `endOffset`. Its last file is new or was written again. */
  truncated(endOffset: number, activeBase: number): void {
    this.#isNew = false;
    this.truncations++;
    this.recoveryPoint = Math.min(this.recoveryPoint, endOffset);
    this.#newestEntry = activeBase;
    this.#isOutdated = this.#isSyncing;
  }

  #advance(offset: number, activeBase: number): void {
    // It is equal where everything was synced before the roll. The rolled segments are done with
    // too.
    if (offset < this.recoveryPoint) return;
    this.recoveryPoint = offset;
    // A roll at exactly this offset may have come after the target was drawn up.
    if (offset > this.#newestEntry) {
      this.#newestEntry = -1;
      this.#parentUnsynced = false;
    }
    while (this.#rolled.length > 0) {
      const end = this.#rolled[1]?.baseOffset ?? activeBase;
      if (end > offset) break;
      const segment = this.#rolled.shift()!;
      if (this.#isSyncing) this.#leaving.push(segment);
      else segment.closeLog();
    }
  }

  #closeLeaving(): void {
    for (const segment of this.#leaving) segment.abandon();
    this.#leaving = [];
  }

  /** Forgets a segment whose file is removed. */
  discard(segment: Segment): void {
    const place = this.#rolled.indexOf(segment);
    if (place >= 0) this.#rolled.splice(place, 1);
    if (this.#isSyncing) this.#leaving.push(segment);
    else segment.abandon();
  }

  /**
   * Waits for the disk. The active segment is the caller's to sync. `synced` has the directories
   * that others have synced since their last new entry, and gets what is synced here.
   */
  syncAll(logEndOffset: number, synced: Set<string>): void {
    for (const segment of this.#rolled) segment.sync();
    for (const directory of this.#directories()) {
      if (synced.has(directory)) continue;
      storage.syncDirectory(directory);
      synced.add(directory);
    }
    this.closeAll();
    this.recoveryPoint = logEndOffset;
  }

  closeAll(): void {
    for (const segment of this.#rolled) segment.closeLog();
    this.#rolled = [];
    this.#closeLeaving();
  }
}
