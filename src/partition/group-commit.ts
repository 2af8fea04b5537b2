import { ERROR } from '../base/kafka-errors.ts';
import { LogPosition } from '../base/log-position.ts';
import type { Partition } from './partition.ts';
import { PendingAcks } from './pending-acks.ts';

/** How the outcome of an append that waited for the disk reaches the front. */
export type AckSink = (
  ticket: number,
  index: number,
  error: number,
  baseOffset: number,
  appendTimeMs: number,
) => void;

export type SyncRequest = (
  slot: number,
  descriptors: readonly number[],
  directories: readonly string[],
) => void;

/**
 * Durability `group` of one partition: one sync at a time, and whatever is appended while it runs
 * shares the next one. The high watermark, and with it what consumers see, follows the disk. A sync
 * that failed is never repeated: the kernel may have dropped the pages, so the partition goes
 * offline and a restart finds out what the disk holds.
 */
export class GroupCommit {
  readonly #partition: Partition;
  readonly #acks = new PendingAcks();
  readonly #requestSync: SyncRequest;
  /** What the running sync covers. */
  readonly #syncing = new LogPosition();
  isSyncing = false;

  constructor(partition: Partition, requestSync: SyncRequest) {
    this.#partition = partition;
    this.#requestSync = requestSync;
  }

  /** The append must be acknowledged when the log is on disk up to `requiredEnd`. */
  await(ticket: number, index: number, baseOffset: number, appendTimeMs: number, required: number) {
    this.#acks.push(ticket, index, baseOffset, appendTimeMs, required);
  }

  /** At the end of a drained batch: starts a sync if there is something to sync and none runs. */
  start(): void {
    const partition = this.#partition;
    if (this.isSyncing || partition.offlineReason !== '') return;
    if (partition.logEndOffset === partition.highWatermark) return;
    const target = partition.log.syncTarget();
    if (target === null) return;
    this.isSyncing = true;
    this.#syncing.copy(target.end);
    this.#requestSync(partition.slot, target.files, target.directories);
  }

  /** The sync ended well: raises the high watermark to what it covered. */
  succeed(): void {
    const partition = this.#partition;
    this.isSyncing = false;
    partition.log.markSynced(this.#syncing.offset);
    // A topic that was told to leave syncing to the system meanwhile may be further.
    if (this.#syncing.offset > partition.highWatermark) partition.limits.moveTo(this.#syncing);
  }

  fail(reason: string): void {
    this.isSyncing = false;
    this.#partition.offlineReason = reason;
    this.#partition.log.fail(reason);
  }

  /** Answers the appends that the high watermark covers, or all of them when offline. */
  acknowledge(sink: AckSink): void {
    const acks = this.#acks;
    const partition = this.#partition;
    const offline = partition.offlineReason !== '';
    while (acks.count > 0 && (offline || acks.required <= partition.highWatermark)) {
      const error = offline ? ERROR.KAFKA_STORAGE_ERROR : 0;
      const baseOffset = offline ? -1 : acks.baseOffset;
      sink(acks.ticket, acks.index, error, baseOffset, acks.appendTimeMs);
      acks.shift();
    }
  }
}
