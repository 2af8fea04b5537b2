import { type Duration, durationMs } from './duration.ts';
import { TopologyError } from './topology-error.ts';
import type { ExtractableRecord, TimestampExtractor } from './topology-plan.ts';

/** What happens to a record from too far in the future. */
export interface MaxAheadOptions {
  /** Gives the timestamp that is looked at; by default the record's own. */
  readonly of?: TimestampExtractor | undefined;
  /** `clamp` (default) gives it the latest time allowed, `drop` drops it, `fail` stops the task. */
  readonly beyond?: 'clamp' | 'drop' | 'fail' | undefined;
  /** In milliseconds; by default the clock of this machine. */
  readonly clock?: (() => number) | undefined;
}

/** Of a record that is left out. */
const DROPPED = -1;

/** What a source can take for the time of its records. */
export const timestamps = {
  /** The record's own; one without fails. Kafka's FailOnInvalidTimestamp, which is the default. */
  failOnInvalid: (record: ExtractableRecord): number => {
    if (record.timestamp >= 0) return record.timestamp;
    throw new TopologyError(`${placeOf(record)} has the invalid timestamp ${record.timestamp}.`);
  },

  /** The record's own; one without is dropped. Kafka's LogAndSkipOnInvalidTimestamp. */
  skipInvalid: (record: ExtractableRecord): number => record.timestamp,

  /**
   * The record's own, or the highest of its partition. Kafka's UsePartitionTimeOnInvalidTimestamp.
   */
  partitionTimeOnInvalid: (record: ExtractableRecord, partitionTime: number): number => {
    if (record.timestamp >= 0) return record.timestamp;
    if (partitionTime >= 0) return partitionTime;
    throw new TopologyError(`${placeOf(record)} has no timestamp, nor has any record before it.`);
  },

  /** The time at which the record is read. Kafka's WallclockTimestampExtractor. */
  wallClock: (): number => Date.now(),

  /**
   * Never further ahead of the clock than this. One record far in the future would close all
   * windows and expire all rows of its task.
   */
  maxAhead(limit: Duration, options: MaxAheadOptions = {}): TimestampExtractor {
    const { of = timestamps.failOnInvalid, beyond = 'clamp', clock = Date.now } = options;
    const limitMs = durationMs(limit, 'maxAhead');
    return (record, partitionTime) => {
      const timestamp = of(record, partitionTime);
      const latest = clock() + limitMs;
      if (timestamp <= latest) return timestamp;
      if (beyond === 'clamp') return latest;
      if (beyond === 'drop') return DROPPED;
      const what = `is ${timestamp - latest + limitMs} ms ahead of the clock`;
      throw new TopologyError(`${placeOf(record)} ${what}.`);
    };
  },
} as const;

function placeOf({ topic, partition, offset }: ExtractableRecord): string {
  return `Record ${offset} of ${topic}-${partition}`;
}
