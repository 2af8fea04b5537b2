import type { Position } from './store-host.ts';

/** Which stores answer, and how old they may be. */
export interface StoreQueryOptions {
  /** Only the stores of these partitions; all that are here without it. */
  readonly partitions?: readonly number[] | undefined;
  /**
   * Standbys and stores that are being restored answer as well, where they are at most so many
   * offsets behind their changelogs. Without it only tasks that run answer.
   */
  readonly maxLag?: number | undefined;
  /** Only stores answer that have seen this of their sources. */
  readonly position?: Position | undefined;
}
