import {
  CLIENT_DEFAULTS,
  type ClientOptions,
  checkClientSettings,
} from '../config/client-options.ts';
import { requireBoolean, requireChoice, requireWhole } from '../config/option-names.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { AnyAssignor } from './assign/assignor.ts';
import { cooperativeStickyAssignor } from './assign/cooperative-sticky-assignor.ts';
import { rangeAssignor } from './assign/range-assignor.ts';
import type { ConsumerInterceptor } from './consumer-interceptors.ts';
import type { TypedTopic } from './records/record-readers.ts';

/** Where to begin where there is no committed offset: `by_duration:PT1H` is an hour ago. */
export type AutoOffsetReset = 'earliest' | 'latest' | 'none' | `by_duration:${string}`;

/** Told of partitions that come and go. What it returns is awaited before the group goes on. */
export interface RebalanceListener {
  /** They are read once this is done. It may `seek`. */
  onAssigned?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** They are still this member's while it runs, so their offsets can be committed. */
  onRevoked?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** Others may have them already, so nothing can be committed. By default `onRevoked`. */
  onLost?(partitions: readonly TopicPartition[]): void | Promise<void>;
}

/** A topic by name, all topics whose name matches, or a topic with the types of its records. */
export type TopicChoice<K, V> = string | RegExp | TypedTopic<K, V>;

/** How to read. All but `bootstrapServers` has the default of Kafka 4.3. */
export interface ConsumerOptions extends ClientOptions {
  /** Without one, partitions are assigned by hand and nothing is committed. */
  readonly groupId?: string | null;
  /** A name that outlives the process: the member keeps its partitions over a short restart. */
  readonly groupInstanceId?: string | null;
  /** `consumer` is that of KIP-848, where the broker assigns; `classic` by default. */
  readonly groupProtocol?: 'classic' | 'consumer';
  /** The assignor at the broker, with `groupProtocol: 'consumer'`. */
  readonly groupRemoteAssignor?: string | null;
  /** The assignors of a classic group, the best first. Members need one in common. */
  readonly partitionAssignmentStrategy?: readonly AnyAssignor[];
  /** Where to begin without a committed offset; `latest` by default. */
  readonly autoOffsetReset?: AutoOffsetReset;
  /** Whether what the loop has left behind is committed by itself; true. */
  readonly enableAutoCommit?: boolean;
  /** How often; 5,000. Revoked partitions are committed at once. */
  readonly autoCommitIntervalMs?: number;
  /** `read_committed` leaves out open and aborted transactions; all come by default. */
  readonly isolationLevel?: 'read_uncommitted' | 'read_committed';
  /** A broker with less waits with its answer, up to `fetchMaxWaitMs`; 1. */
  readonly fetchMinBytes?: number;
  /** What one answer may hold, unless its first batch alone is larger; 50 MB. */
  readonly fetchMaxBytes?: number;
  /** How long a broker may wait for `fetchMinBytes`; 500. */
  readonly fetchMaxWaitMs?: number;
  /** What one answer may hold of a partition, its first batch aside; 1 MB. */
  readonly maxPartitionFetchBytes?: number;
  /** While so much waits to be read, only partitions with less than their share are fetched. */
  readonly prefetchMaxBytes?: number;
  /** What one compressed batch may grow to. */
  readonly maxBatchBytes?: number;
  /** Whether the checksum of each batch is checked; true. */
  readonly checkCrcs?: boolean;
  /** A member that is silent for so long loses its partitions; 45,000. */
  readonly sessionTimeoutMs?: number;
  /** How often a classic member says that it lives; 3,000. */
  readonly heartbeatIntervalMs?: number;
  /** For how long the group waits for a member that gives partitions up. */
  readonly maxPollIntervalMs?: number;
  /** For how long a call that has no time of its own may wait; 60,000. */
  readonly defaultApiTimeoutMs?: number;
  /** Whether the broker may make topics that are asked for; true. */
  readonly allowAutoCreateTopics?: boolean;
  /** Told of partitions that come and go. */
  readonly listener?: RebalanceListener | null;
  /** They see what is read and what is committed. */
  readonly interceptors?: readonly ConsumerInterceptor[];
  /** What to subscribe to at once. */
  readonly topics?: readonly TopicChoice<unknown, unknown>[];
}

export type ConsumerSettings = Required<ConsumerOptions>;

export const CONSUMER_DEFAULTS: ConsumerSettings = {
  ...CLIENT_DEFAULTS,
  groupId: null,
  groupInstanceId: null,
  groupProtocol: 'classic',
  groupRemoteAssignor: null,
  partitionAssignmentStrategy: [rangeAssignor, cooperativeStickyAssignor],
  autoOffsetReset: 'latest',
  enableAutoCommit: true,
  autoCommitIntervalMs: 5_000,
  isolationLevel: 'read_uncommitted',
  fetchMinBytes: 1,
  fetchMaxBytes: 50 * 1024 * 1024,
  fetchMaxWaitMs: 500,
  maxPartitionFetchBytes: 1024 * 1024,
  prefetchMaxBytes: 64 * 1024 * 1024,
  maxBatchBytes: 128 * 1024 * 1024,
  checkCrcs: true,
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 3_000,
  maxPollIntervalMs: 300_000,
  defaultApiTimeoutMs: 60_000,
  allowAutoCreateTopics: true,
  listener: null,
  interceptors: [],
  topics: [],
};

const INT_MAX = 2 ** 31 - 1;
const FROM_ONE = [
  'autoCommitIntervalMs',
  'fetchMaxBytes',
  'maxPartitionFetchBytes',
  'prefetchMaxBytes',
  'maxBatchBytes',
  'sessionTimeoutMs',
  'heartbeatIntervalMs',
  'maxPollIntervalMs',
  'defaultApiTimeoutMs',
] as const;
const FROM_ZERO = ['fetchMinBytes', 'fetchMaxWaitMs'] as const;
const BOOLEANS = ['enableAutoCommit', 'checkCrcs', 'allowAutoCreateTopics'] as const;

export function checkConsumerSettings(settings: ConsumerSettings): void {
  checkClientSettings(settings);
  for (const name of FROM_ONE) requireWhole(name, settings[name], 1, INT_MAX);
  for (const name of FROM_ZERO) requireWhole(name, settings[name], 0, INT_MAX);
  for (const name of BOOLEANS) requireBoolean(name, settings[name]);
  const { groupProtocol, isolationLevel } = settings;
  requireChoice('groupProtocol', groupProtocol, ['classic', 'consumer']);
  requireChoice('isolationLevel', isolationLevel, ['read_uncommitted', 'read_committed']);
  const { heartbeatIntervalMs, sessionTimeoutMs, partitionAssignmentStrategy } = settings;
  if (heartbeatIntervalMs >= sessionTimeoutMs) {
    const what = `option 'heartbeatIntervalMs' must be less than 'sessionTimeoutMs'`;
    throw new KafkaError('BAD_ARGUMENT', `${what}, got ${heartbeatIntervalMs}`);
  }
  if (partitionAssignmentStrategy.length === 0) {
    throw new KafkaError('BAD_ARGUMENT', `option 'partitionAssignmentStrategy' is empty`);
  }
}
