import {
  CLIENT_DEFAULTS,
  type ClientOptions,
  checkClientSettings,
} from '../config/client-options.ts';
import { requireBoolean, requireChoice, requireWhole } from '../config/option-names.ts';
import type { TypedTopic } from '../consumer/records/record-readers.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { AcknowledgedPartition } from './acknowledged-partition.ts';

/** A topic by name, or a topic with the types of its records. */
export type SharedTopic<K, V> = string | TypedTopic<K, V>;

/** How to read as a member of a share group. */
export interface ShareConsumerOptions extends ClientOptions {
  /** The share group, whose members get different records. */
  readonly groupId: string;
  /**
   * `implicit`: a record is accepted once the next one is asked for, unless something else was said
   * of it. `explicit`: each record must be acknowledged before more are asked for.
   */
  readonly shareAcknowledgementMode?: 'implicit' | 'explicit';
  /**
   * `batch_optimized`: whole batches are acquired, sometimes more records than `maxPollRecords`.
   * `record_limit`: never more than that, at the price of one broker at a time.
   */
  readonly shareAcquireMode?: 'batch_optimized' | 'record_limit';
  /** How many records `poll` returns at most, and how many are acquired at a time. */
  readonly maxPollRecords?: number;
  /** A broker with less waits with its answer, up to `fetchMaxWaitMs`; 1. */
  readonly fetchMinBytes?: number;
  /** What one answer may hold, unless its first batch alone is larger; 50 MB. */
  readonly fetchMaxBytes?: number;
  /** How long a broker may wait for `fetchMinBytes`; 500. */
  readonly fetchMaxWaitMs?: number;
  /** What one compressed batch may grow to. */
  readonly maxBatchBytes?: number;
  /** Whether the checksum of each batch is checked; true. */
  readonly checkCrcs?: boolean;
  /** For how long a call that has no time of its own may wait; 60,000. */
  readonly defaultApiTimeoutMs?: number;
  /** Told what became of acknowledgements, whichever way they went. */
  readonly onAcknowledged?: ((partitions: readonly AcknowledgedPartition[]) => void) | null;
  /** What to subscribe to at once. */
  readonly topics?: readonly SharedTopic<unknown, unknown>[];
}

export type ShareSettings = Required<ShareConsumerOptions>;

const NOTHING_GIVEN = '';

export const SHARE_DEFAULTS: ShareSettings = {
  ...CLIENT_DEFAULTS,
  groupId: NOTHING_GIVEN,
  shareAcknowledgementMode: 'implicit',
  shareAcquireMode: 'batch_optimized',
  maxPollRecords: 500,
  fetchMinBytes: 1,
  fetchMaxBytes: 50 * 1024 * 1024,
  fetchMaxWaitMs: 500,
  maxBatchBytes: 128 * 1024 * 1024,
  checkCrcs: true,
  defaultApiTimeoutMs: 60_000,
  onAcknowledged: null,
  topics: [],
};

const INT_MAX = 2 ** 31 - 1;
const FROM_ONE = [
  'maxPollRecords',
  'fetchMaxBytes',
  'maxBatchBytes',
  'defaultApiTimeoutMs',
] as const;
const FROM_ZERO = ['fetchMinBytes', 'fetchMaxWaitMs'] as const;

export function checkShareSettings(settings: ShareSettings): void {
  checkClientSettings(settings);
  if (settings.groupId === NOTHING_GIVEN) {
    throw new KafkaError('BAD_ARGUMENT', 'a share consumer needs a groupId');
  }
  for (const name of FROM_ONE) requireWhole(name, settings[name], 1, INT_MAX);
  for (const name of FROM_ZERO) requireWhole(name, settings[name], 0, INT_MAX);
  requireBoolean('checkCrcs', settings.checkCrcs);
  const { shareAcknowledgementMode, shareAcquireMode } = settings;
  requireChoice('shareAcknowledgementMode', shareAcknowledgementMode, ['implicit', 'explicit']);
  requireChoice('shareAcquireMode', shareAcquireMode, ['batch_optimized', 'record_limit']);
}
