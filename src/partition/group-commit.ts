import { LogPosition } from '../base/log-position.ts';
import type { Partition } from './partition.ts';

export type SyncRequest = (
  slot: number,
  descriptors: readonly number[],
  directories: readonly string[],
) => void;

/**
 * Durability `group` of one partition. One sync runs at a time, and whatever is appended while it
 * runs shares the next one. The durable end follows the disk, and with it what consumers see. A
 * sync that failed is never repeated, because the kernel may have dropped the pages. The partition
 * goes offline, and a restart finds out what the disk holds.
 */
export class GroupCommit {
  readonly #partition: Partition;
  readonly #requestSync: SyncRequest;
  /** What the running sync covers. */
  readonly #syncing = new LogPosition();
  isSyncing = false;

  constructor(partition: Partition, requestSync: SyncRequest) {
    this.#partition = partition;
    this.#requestSync = requestSync;
  }

  /** At the end of a drained batch: starts a sync if there is something to sync and none runs. */
  start(): void {
    const partition = this.#partition;
    if (this.isSyncing || partition.offlineReason !== '') return;
    if (partition.logEndOffset === partition.durableEnd.offset) return;
    const target = partition.log.syncTarget();
    if (target === null) return;
    this.isSyncing = true;
    this.#syncing.copy(target.end);
    this.#requestSync(partition.slot, target.files, target.directories);
  }

  /** The sync ended well: what it covered is durable, unless it was truncated meanwhile. */
  succeed(): void {
    const partition = this.#partition;
    this.isSyncing = false;
    if (partition.log.markSynced(this.#syncing.offset)) partition.markDurable(this.#syncing);
  }

  fail(reason: string): void {
    this.isSyncing = false;
    this.#partition.offlineReason = reason;
    this.#partition.log.fail(reason);
  }
}
