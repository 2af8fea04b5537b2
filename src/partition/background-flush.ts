import type { SyncRequest } from './group-commit.ts';
import type { Partition } from './partition.ts';

/** A time limit that is never reached. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/**
 * Syncs that no acknowledgement waits for, whatever the durability. Rolled segments are always
 * synced: a start after a crash scans only what was not synced, so without this the scan would grow
 * with the log. `flush.messages` and `flush.ms` decide about the rest.
 */
export class BackgroundFlush {
  readonly #partition: Partition;
  readonly #requestSync: SyncRequest;
  /** What the running sync covers; -1 when none runs. */
  #syncingEnd = -1;
  /** When the oldest record came that no sync covers; -1 where there is none. */
  #unsyncedSinceMs = -1;

  constructor(partition: Partition, requestSync: SyncRequest) {
    this.#partition = partition;
    this.#requestSync = requestSync;
  }

  get isSyncing(): boolean {
    return this.#syncingEnd >= 0;
  }

  /** When start() will have something to do even if nothing is appended; Infinity for never. */
  get dueMs(): number {
    const { flushMs } = this.#partition.settings;
    if (this.#unsyncedSinceMs < 0 || flushMs >= NEVER_MS) return Number.POSITIVE_INFINITY;
    return this.#unsyncedSinceMs + flushMs;
  }

  /** At the end of a drained batch, and when due, if no other sync of this partition runs. */
  start(nowMs: number): void {
    const { log, slot } = this.#partition;
    const covered = Math.max(log.recoveryPoint, this.#syncingEnd);
    if (log.logEndOffset <= covered) this.#unsyncedSinceMs = -1;
    else if (this.#unsyncedSinceMs < 0) this.#unsyncedSinceMs = nowMs;
    if (this.isSyncing) return;
    const isDue = this.#isDue(nowMs);
    if (!isDue && !log.hasRolled) return;
    const target = isDue ? log.syncTarget() : log.rolledTarget();
    if (target === null) return;
    if (isDue) this.#unsyncedSinceMs = -1;
    this.#syncingEnd = target.end.offset;
    this.#requestSync(slot, target.files, target.directories);
  }

  #isDue(nowMs: number): boolean {
    if (this.#unsyncedSinceMs < 0) return false;
    const { log, settings } = this.#partition;
    const unsynced = log.logEndOffset - log.recoveryPoint;
    return unsynced >= settings.flushMessages || nowMs >= this.dueMs;
  }

  succeed(): void {
    this.#partition.log.markSynced(this.#syncingEnd);
    this.#syncingEnd = -1;
  }

  /** As in a group commit: only a restart finds out what the disk holds now. */
  fail(reason: string): void {
    this.#syncingEnd = -1;
    this.#partition.offlineReason = reason;
    this.#partition.log.fail(reason);
  }
}
