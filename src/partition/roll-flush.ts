import type { SyncRequest } from './group-commit.ts';
import type { Partition } from './partition.ts';

/**
 * Brings rolled segments to the disk in the background, whatever the durability: a start after a
 * crash scans only what was not synced, so without this the scan would grow with the log.
 */
export class RollFlush {
  readonly #partition: Partition;
  readonly #requestSync: SyncRequest;
  /** What the running sync covers; -1 when none runs. */
  #syncingEnd = -1;

  constructor(partition: Partition, requestSync: SyncRequest) {
    this.#partition = partition;
    this.#requestSync = requestSync;
  }

  get isSyncing(): boolean {
    return this.#syncingEnd >= 0;
  }

  /** At the end of a drained batch, if no other sync of this partition runs. */
  start(): void {
    const { log, slot } = this.#partition;
    if (!log.hasRolled || this.isSyncing) return;
    const target = log.rolledTarget();
    if (target === null) return;
    this.#syncingEnd = target.offset;
    this.#requestSync(slot, target.files, target.directories);
  }

  succeed(): void {
    this.#partition.log.markSynced(this.#syncingEnd);
    this.#syncingEnd = -1;
  }

  /** As with a group commit: what the disk holds now is for a restart to find out. */
  fail(reason: string): void {
    this.#syncingEnd = -1;
    this.#partition.offlineReason = reason;
    this.#partition.log.fail(reason);
  }
}
