import type { PartitionHost, Tenant } from './partition-host.ts';

/** Starts the syncs that partitions need, never two of one partition at once. */
export class TenantSyncs {
  readonly #host: PartitionHost;
  /** Partitions whose sync becomes due by time, without another append. */
  readonly #waiting = new Set<Tenant>();

  constructor(host: PartitionHost) {
    this.#host = host;
  }

  start(tenant: Tenant, nowMs: number): void {
    const { commit, flush } = tenant;
    if (flush === null) return;
    if (!flush.isSyncing) commit?.start();
    if (commit?.isSyncing) return;
    flush.start(nowMs);
    if (flush.dueMs !== Number.POSITIVE_INFINITY) this.#waiting.add(tenant);
  }

  /** Starts due syncs and returns for how many milliseconds no other will be due. */
  runTimers(nowMs: number): number {
    let idleMs = Number.POSITIVE_INFINITY;
    for (const tenant of this.#waiting) {
      let dueMs = tenant.flush?.dueMs ?? Number.POSITIVE_INFINITY;
      if (dueMs <= nowMs && this.#host.tenant(tenant.slot) === tenant) {
        this.start(tenant, nowMs);
        dueMs = tenant.flush!.dueMs;
      }
      // A sync that runs calls start() again when it ends.
      if (dueMs <= nowMs || dueMs === Number.POSITIVE_INFINITY) this.#waiting.delete(tenant);
      else idleMs = Math.min(idleMs, dueMs - nowMs);
    }
    return idleMs;
  }
}
