import type { HostedPartition, PartitionHost } from './partition-host.ts';

/** Starts the syncs that partitions need, never two of one partition at once. */
export class PartitionSyncs {
  readonly #host: PartitionHost;
  /** Partitions whose sync becomes due by time, without another append. */
  readonly #waiting = new Set<HostedPartition>();

  constructor(host: PartitionHost) {
    this.#host = host;
  }

  start(hosted: HostedPartition, nowMs: number): void {
    const { commit, flush } = hosted;
    if (flush === null) return;
    if (!flush.isSyncing) commit?.start();
    if (commit?.isSyncing) return;
    flush.start(nowMs);
    if (flush.dueMs !== Number.POSITIVE_INFINITY) this.#waiting.add(hosted);
  }

  /** Starts due syncs and returns for how many milliseconds no other will be due. */
  runTimers(nowMs: number): number {
    let idleMs = Number.POSITIVE_INFINITY;
    for (const hosted of this.#waiting) {
      let dueMs = hosted.flush?.dueMs ?? Number.POSITIVE_INFINITY;
      if (dueMs <= nowMs && this.#host.hosted(hosted.slot) === hosted) {
        this.start(hosted, nowMs);
        dueMs = hosted.flush!.dueMs;
      }
      // A sync that runs calls start() again when it ends.
      if (dueMs <= nowMs || dueMs === Number.POSITIVE_INFINITY) this.#waiting.delete(hosted);
      else idleMs = Math.min(idleMs, dueMs - nowMs);
    }
    return idleMs;
  }
}
