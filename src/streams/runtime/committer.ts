import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import type { LiveTask } from './live-task.ts';

/** Commits what tasks did: their records and stores first, then their offsets. */
export interface Committer {
  /** Before the first record. */
  begin(): Promise<void>;
  /**
   * Only these tasks; with exactly once all tasks share the transaction, so it is all of them. What
   * is done afterwards belongs to the next one, though the end of this one may be on its way still.
   */
  commit(tasks: Iterable<LiveTask>): Promise<void>;
  /** Resolves when no commit is on its way. Throws where it failed. */
  settled(): Promise<void>;
  /** Whether one transaction holds what all tasks did. */
  readonly isShared: boolean;
  /** Takes back what was not committed, once a commit that is on its way has its outcome. */
  abort(): Promise<void>;
  /** The last committed offsets, by partition. */
  readonly committed: ReadonlyMap<string, OffsetToCommit>;
}
