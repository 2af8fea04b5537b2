import type { LogSettings } from '../base/log-settings.ts';
import type { Logger } from '../base/logger.ts';

/** Called in the order of the events, each time before the call that caused the event returns. */
export interface LogListener {
  /** A roll: the segment before the new one ended so. */
  segmentAdded(baseOffset: number, previousSizeBytes: number, previousAborted: number): void;
  segmentRemoved(baseOffset: number): void;
  /** The disk failed: appends are refused from now on. */
  failed(reason: string): void;
}

export interface PartitionLogOptions {
  /** `<log.dir>/<topic>-<partition>`; made if it is not there. */
  readonly directory: string;
  readonly topicId: string;
  readonly settings: LogSettings;
  /** From the log start checkpoint, 0 where it has no entry. */
  readonly logStartOffset: number;
  /** From the recovery point checkpoint, 0 where it has no entry. */
  readonly recoveryPoint: number;
  /** Other brokers have the records, too: see LoadPlace. */
  readonly hasReplicas?: boolean;
  readonly producerExpirationMs: number;
  readonly maxProducers: number;
  readonly wallMs: number;
  readonly logger: Logger;
  readonly listener: LogListener;
}

export interface SegmentSize {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  readonly maxTimestamp: number;
  readonly abortedCount: number;
}
