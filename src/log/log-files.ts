import type { Logger } from '../base/logger.ts';
import type { LogListener } from './log-options.ts';
import type { DeletedFiles } from './retention.ts';
import type { Segment } from './segment.ts';
import type { SyncLedger } from './sync-ledger.ts';

/**
 * The files of an open log and the listener for their changes, for operations on several of them.
 */
export interface LogFiles {
  readonly directory: string;
  /** The log's own array: the last one is active. */
  readonly segments: Segment[];
  readonly ledger: SyncLedger;
  readonly deleted: DeletedFiles;
  readonly listener: LogListener;
  readonly logger: Logger;
}
