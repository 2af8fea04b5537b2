import type { TlsOptions } from 'node:tls';
import {
  CLIENT_DEFAULTS,
  type ClientOptions,
  type ClientSettings,
  checkClientSettings,
} from '../../client/config/client-options.ts';
import {
  type Named,
  readOptions,
  requireChoice,
  requireWhole,
} from '../../client/config/option-names.ts';
import type { ConsumerOptions } from '../../client/consumer/consumer-options.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { ProducerSettings } from '../../client/producer/producer-options.ts';
import { RECORDING_LEVELS, type RecordingLevel } from '../metrics/streams-meters.ts';
import type { AuthorizeRequest } from '../queries/server-access.ts';
import type { DirectoryShare } from '../state/disk/state-directory.ts';
import type { ErrorHandlers } from '../tasks/error-handlers.ts';
import type { AnySerde } from '../topology/store-spec.ts';
import type { StoreType } from '../topology/store-type.ts';
import type { TimestampExtractor } from '../topology/topology-plan.ts';

/**
 * Asked when a thread ends with an error. `replace-thread` begins again from what is committed;
 * `shutdown-client` ends this process's part; `shutdown-application` that of all others too.
 */
export type UncaughtExceptionHandler = (error: unknown) => UncaughtAnswer | Promise<UncaughtAnswer>;

type UncaughtAnswer = 'replace-thread' | 'shutdown-client' | 'shutdown-application';

/** How an application runs. The names are those of Kafka's StreamsConfig. */
export interface StreamsSettings extends ClientSettings {
  /** The name of the group, and in front of the names of internal topics. */
  readonly applicationId: string;
  /** Whether what a record leads to is written once even where a process dies; once or more. */
  readonly processingGuarantee: 'at_least_once' | 'exactly_once_v2';
  /**
   * Of the application's group: `streams` is that of KIP-1071, where the broker shares tasks out.
   * `auto` takes it where the cluster has it; see the README for when it does not.
   */
  readonly groupProtocol: 'auto' | 'classic' | 'streams';
  /**
   * How many copies other instances keep of each task with state; 0. In a streams group the broker
   * says that: its groups' setting `streams.num.standby.replicas`.
   */
  readonly numStandbyReplicas: number;
  /** How many tasks at once are restored where they shall go, while they run where they are; 2. */
  readonly maxWarmupReplicas: number;
  /** A task goes where its stores are not further behind than so many records; 10,000. */
  readonly acceptableRecoveryLag: number;
  /** How often a group whose tasks wait for their warm-ups is shared out again; 600,000. */
  readonly probingRebalanceIntervalMs: number;
  /** Where this process stands, such as `{ rack: 'a' }`. */
  readonly clientTags: Readonly<Record<string, string>>;
  /** The tags in which copies of a task should differ. */
  readonly rackAwareAssignmentTags: readonly string[];
  /**
   * Where this process answers queries, as `host:port`. All instances are told. Null, the default,
   * opens no server; port 0 takes a free one.
   */
  readonly applicationServer: string | null;
  /** Where the server listens, where that is another address: `0.0.0.0:8080`. */
  readonly applicationServerListen: string | null;
  /** All instances have the same one, and say it to each other; needed beyond the loopback. */
  readonly applicationServerToken: string | null;
  /**
   * Serves and asks by https: what `node:tls` takes, `key` and `cert` of this process, and `ca` for
   * those of the others. With `requestCert` others must have such a certificate too. All instances
   * have it, or none; null, the default, is http.
   */
  readonly applicationServerSsl: TlsOptions | null;
  /** Says of a request without the token whether it is served. */
  readonly applicationServerAuthorize: AuthorizeRequest | null;
  /** Whether the server has a page that shows what nodes and tasks do. */
  readonly applicationServerPage: boolean;
  /** How often what was done is committed; 30,000, and 100 with exactly once. */
  readonly commitIntervalMs: number;
  /** How long a task waits for partitions that are at their end; -1 waits for no partition. */
  readonly maxTaskIdleMs: number;
  /** How long faults that may pass are waited for before they end the application; 300,000. */
  readonly taskTimeoutMs: number;
  /**
   * Where all inputs of a task have been at their end for so long, its stream time goes on with the
   * clock, so long behind it: windows close though nothing comes. -1 waits for records, as Kafka.
   */
  readonly idleAdvanceMs: number;
  /** How many records of a partition wait in a task before no more are taken; 1,000. */
  readonly bufferedRecordsPerPartition: number;
  /** What is measured: INFO costs next to nothing, DEBUG and TRACE clock each call of a store. */
  readonly metricsRecordingLevel: RecordingLevel;
  /** Of internal topics; -1 is the broker's. */
  readonly replicationFactor: number;
  /** How often records that were read from repartition topics are deleted; 30,000. */
  readonly repartitionPurgeIntervalMs: number;
  /** What windowed changelogs are kept beyond their stores' retention; a day. */
  readonly windowstoreChangelogAdditionalRetentionMs: number;
  /** Of sources and sinks that name none. */
  readonly defaultKeySerde: AnySerde | null;
  readonly defaultValueSerde: AnySerde | null;
  /** Of sources that name none; null takes the records' own, and refuses negative ones. */
  readonly defaultTimestampExtractor: TimestampExtractor | null;
  /** What is done about records that fail; null ends the application. */
  readonly errorHandlers: ErrorHandlers | null;
  /** Where records that fail go before the handlers' word counts; null keeps none. */
  readonly errorsDeadLetterQueueTopicName: string | null;
  /** Where stores are kept; null keeps them in memory, and they come back from their changelogs. */
  readonly stateDir: string | null;
  /**
   * Where stores keep their rows that do not say it: `lmdbStores()` of `millrace/streams/lmdb`.
   * Null, the default, keeps them in memory.
   */
  readonly dslStoreSuppliersClass: StoreType | null;
  /** What a task that is elsewhere has left in `stateDir` is removed after so long; 600,000. */
  readonly stateCleanupDelayMs: number;
  /** At a start, state that was not written to for so long is removed; -1, the default, none. */
  readonly stateCleanupDirMaxAgeMs: number;
  /** What updates of all cached stores may take before they go on; 10 MB. 0 caches none. */
  readonly statestoreCacheMaxBytes: number;
  /** Of internal topics, over those that they are made with. */
  readonly topicConfig: Readonly<Record<string, string>>;
  /**
   * Threads that share the work, each with a loop, clients and tasks of its own; 1. More than one
   * takes `ThreadedStreams`, which reads the topology from a module in each of them.
   */
  readonly numStreamThreads: number;
  /** Which thread this is; null where there is one. `ThreadedStreams` gives it. */
  readonly thread: DirectoryShare | null;
  /** What becomes of the application where a thread ends with an error; null shuts it down. */
  readonly uncaughtExceptionHandler: UncaughtExceptionHandler | null;
  /** More for the consumers. */
  readonly consumer: Partial<Omit<ConsumerOptions, 'topics' | 'groupId' | 'listener'>>;
  /** More for the producer. */
  readonly producer: Partial<ProducerSettings>;
}

/** What an application takes, under Kafka's names or in camelCase. */
export type StreamsOptions = Named<
  ClientOptions & Partial<StreamsSettings> & { readonly applicationId: string }
>;

const NOTHING_GIVEN = '';
const ON_COMMIT_TIME = -1;
const DAY_MS = 86_400_000;
const INT_MAX = 2 ** 31 - 1;
const THREADS_MAX = 1_000;

const DEFAULTS: StreamsSettings = {
  ...CLIENT_DEFAULTS,
  applicationId: NOTHING_GIVEN,
  processingGuarantee: 'at_least_once',
  groupProtocol: 'auto',
  numStandbyReplicas: 0,
  maxWarmupReplicas: 2,
  acceptableRecoveryLag: 10_000,
  probingRebalanceIntervalMs: 600_000,
  clientTags: {},
  rackAwareAssignmentTags: [],
  applicationServer: null,
  applicationServerListen: null,
  applicationServerToken: null,
  applicationServerSsl: null,
  applicationServerAuthorize: null,
  applicationServerPage: false,
  commitIntervalMs: ON_COMMIT_TIME,
  maxTaskIdleMs: 0,
  taskTimeoutMs: 300_000,
  idleAdvanceMs: -1,
  bufferedRecordsPerPartition: 1_000,
  metricsRecordingLevel: 'INFO',
  replicationFactor: -1,
  repartitionPurgeIntervalMs: 30_000,
  windowstoreChangelogAdditionalRetentionMs: DAY_MS,
  defaultKeySerde: null,
  defaultValueSerde: null,
  defaultTimestampExtractor: null,
  errorHandlers: null,
  errorsDeadLetterQueueTopicName: null,
  stateDir: null,
  dslStoreSuppliersClass: null,
  stateCleanupDelayMs: 600_000,
  stateCleanupDirMaxAgeMs: -1,
  statestoreCacheMaxBytes: 10 * 1024 * 1024,
  topicConfig: {},
  numStreamThreads: 1,
  thread: null,
  uncaughtExceptionHandler: null,
  consumer: {},
  producer: {},
};

/** Checked, with nothing left open. */
export function readStreamsOptions(given: StreamsOptions): StreamsSettings {
  const read = readOptions(given, DEFAULTS);
  checkClientSettings(read);
  const { applicationId, processingGuarantee } = read;
  if (!/^[A-Za-z0-9._-]+$/.test(applicationId)) {
    const what = `expected letters, digits, dots, dashes, got '${applicationId}'`;
    throw new KafkaError('BAD_ARGUMENT', `option 'applicationId': ${what}`);
  }
  requireChoice('processingGuarantee', processingGuarantee, ['at_least_once', 'exactly_once_v2']);
  const isExact = processingGuarantee === 'exactly_once_v2';
  const { commitIntervalMs } = read;
  const settings: StreamsSettings = {
    ...read,
    commitIntervalMs: commitIntervalMs < 0 ? (isExact ? 100 : 30_000) : commitIntervalMs,
  };
  checkGroup(settings);
  requireChoice('metricsRecordingLevel', settings.metricsRecordingLevel, RECORDING_LEVELS);
  requireWhole('commitIntervalMs', settings.commitIntervalMs, 0, INT_MAX);
  requireWhole('maxTaskIdleMs', settings.maxTaskIdleMs, -1, INT_MAX);
  requireWhole('taskTimeoutMs', settings.taskTimeoutMs, 0, INT_MAX);
  requireWhole('stateCleanupDelayMs', settings.stateCleanupDelayMs, 0, INT_MAX);
  requireWhole('stateCleanupDirMaxAgeMs', settings.stateCleanupDirMaxAgeMs, -1, INT_MAX);
  requireWhole('idleAdvanceMs', settings.idleAdvanceMs, -1, INT_MAX);
  requireWhole('numStreamThreads', settings.numStreamThreads, 1, THREADS_MAX);
  requireWhole('bufferedRecordsPerPartition', settings.bufferedRecordsPerPartition, 1, INT_MAX);
  requireWhole('statestoreCacheMaxBytes', settings.statestoreCacheMaxBytes, 0, INT_MAX);
  requireWhole('repartitionPurgeIntervalMs', settings.repartitionPurgeIntervalMs, 1, INT_MAX);
  return settings;
}

function checkGroup(settings: StreamsSettings): void {
  const { groupProtocol } = settings;
  requireChoice('groupProtocol', groupProtocol, ['auto', 'classic', 'streams']);
  requireWhole('numStandbyReplicas', settings.numStandbyReplicas, 0, INT_MAX);
  requireWhole('maxWarmupReplicas', settings.maxWarmupReplicas, 1, INT_MAX);
  requireWhole('acceptableRecoveryLag', settings.acceptableRecoveryLag, 0, INT_MAX);
  requireWhole('probingRebalanceIntervalMs', settings.probingRebalanceIntervalMs, 1, INT_MAX);
}
