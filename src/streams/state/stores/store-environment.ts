import type { StoreType } from '../../topology/store-type.ts';
import type { CacheBudget } from '../cache/cache-budget.ts';

/** What stores of one thread share. */
export interface StoreEnvironment {
  /** Without one, no store caches updates. */
  readonly cache?: CacheBudget | undefined;
  /** The most that one store may hold; `STATE_FULL` is thrown beyond it. */
  readonly storeBytesMax?: number | undefined;
  /** Where stores keep their rows whose descriptions do not say it; undefined: in memory. */
  readonly storeType?: StoreType | undefined;
  /** Told when a store leaves out a write that is older than its retention. */
  readonly onExpired?: ((store: string) => void) | undefined;
}
