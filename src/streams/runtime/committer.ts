import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import type { LiveTask } from './live-task.ts';

/** Commits what tasks did: their records and stores first, then their offsets. */
export interface Committer {
  /** Before the first record. */
  begin(): Promise<void>;
  /**
   * Only these tasks; with exactly once all tasks share the transaction, so it is all of them.
   * False where nothing was committed.
   */
  commit(tasks: Iterable<LiveTask>): Promise<boolean>;
  /** Whether one transaction holds what all tasks did. */
  readonly isShared: boolean;
  /** Takes back what was not committed. */
  abort(): Promise<void>;
  /** The last committed offsets, by partition. */
  readonly committed: ReadonlyMap<string, OffsetToCommit>;
}
