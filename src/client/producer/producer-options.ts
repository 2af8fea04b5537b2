import { CODEC_NAMES, type CodecName } from '../../records/codec-ids.ts';
import {
  CLIENT_DEFAULTS,
  type ClientOptions,
  type ClientSettings,
  checkClientSettings,
} from '../config/client-options.ts';
import {
  type Named,
  readOptions,
  requireBoolean,
  requireChoice,
  requireWhole,
} from '../config/option-names.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { Partitioner } from './partitioner.ts';
import type { ProducerInterceptor } from './producer-interceptors.ts';

/** The producer's options; the names are Kafka's in camelCase, the defaults those of Kafka 4.3. */
export interface ProducerSettings extends ClientSettings {
  /** -1 is `all`. */
  readonly acks: 0 | 1 | -1 | 'all';
  /** How large a batch grows before it leaves, its header included. */
  readonly batchSize: number;
  /** How long a batch that is not full waits for more records; 5. */
  readonly lingerMs: number;
  /** What all records that have not been acknowledged may take. */
  readonly bufferMemory: number;
  /** For how long `send` waits for memory and for the topic. */
  readonly maxBlockMs: number;
  /** What one request may hold, before compression; 1 MB. */
  readonly maxRequestSize: number;
  /** Requests that wait for an answer of one broker; 5. */
  readonly maxInFlightRequestsPerConnection: number;
  /** For how long a record is tried before it fails. */
  readonly deliveryTimeoutMs: number;
  /** How often a batch is sent again within `deliveryTimeoutMs`; without end. */
  readonly retries: number;
  /** The codec of all batches; `none` by default. */
  readonly compressionType: CodecName;
  /** 1 to 9; -1 is zlib's own. */
  readonly compressionGzipLevel: number;
  /** 1 to 17; 9 is the fast search. */
  readonly compressionLz4Level: number;
  /** Up to 22; it matters where Node has zstd. */
  readonly compressionZstdLevel: number;
  /** Whether a record that is sent again is stored once; true where the rest allows it. */
  readonly enableIdempotence: boolean;
  /** '' is a producer without transactions. */
  readonly transactionalId: string;
  /** The broker aborts a transaction that is open for longer; 60,000. */
  readonly transactionTimeoutMs: number;
  /** Whether records with keys are spread like those without; false. */
  readonly partitionerIgnoreKeys: boolean;
  /** Whether partitions whose broker is slow get fewer records (KIP-794); true. */
  readonly partitionerAdaptivePartitioningEnable: boolean;
  /** A partition that took nothing for so long is left out; 0 leaves none out. */
  readonly partitionerAvailabilityTimeoutMs: number;
  /** Whether the broker may create topics that are missing: all, or by their names; true. */
  readonly allowAutoCreateTopics: boolean | ((topic: string) => boolean);
  /** Null is Kafka's own: by the key, or sticky without one (KIP-794). */
  readonly partitioner: Partitioner | null;
  /** They see each record as it is sent, and what became of it. */
  readonly interceptors: readonly ProducerInterceptor[];
}

/** What a producer takes, under Kafka's names or in camelCase. */
export type ProducerOptions = Named<ClientOptions & Partial<ProducerSettings>>;

const INT_MAX = 2 ** 31 - 1;
const KILOBYTE = 1024;

/** Those of Kafka 4.3. */
export const PRODUCER_DEFAULTS: ProducerSettings = {
  ...CLIENT_DEFAULTS,
  acks: 'all',
  batchSize: 16 * KILOBYTE,
  lingerMs: 5,
  bufferMemory: 32 * KILOBYTE * KILOBYTE,
  maxBlockMs: 60_000,
  maxRequestSize: KILOBYTE * KILOBYTE,
  maxInFlightRequestsPerConnection: 5,
  deliveryTimeoutMs: 120_000,
  retries: INT_MAX,
  compressionType: 'none',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  enableIdempotence: true,
  transactionalId: '',
  transactionTimeoutMs: 60_000,
  partitionerIgnoreKeys: false,
  partitionerAdaptivePartitioningEnable: true,
  partitionerAvailabilityTimeoutMs: 0,
  allowAutoCreateTopics: true,
  partitioner: null,
  interceptors: [],
};

const WHOLE_FROM_0 = [
  'batchSize',
  'lingerMs',
  'bufferMemory',
  'maxBlockMs',
  'retries',
  'deliveryTimeoutMs',
  'partitionerAvailabilityTimeoutMs',
] as const;
const WHOLE_FROM_1 = [
  'maxRequestSize',
  'maxInFlightRequestsPerConnection',
  'transactionTimeoutMs',
] as const;
const BOOLEANS = [
  'enableIdempotence',
  'partitionerIgnoreKeys',
  'partitionerAdaptivePartitioningEnable',
] as const;
/** The broker remembers the last five batches of a producer. */
const IDEMPOTENT_IN_FLIGHT_MAX = 5;

/**
 * The settings, checked against each other as Kafka's client does. Idempotence that nobody asked
 * for by name gives way to settings that exclude it.
 */
export function readProducerOptions(given: object): ProducerSettings {
  const read = readOptions(given, PRODUCER_DEFAULTS);
  checkClientSettings(read);
  for (const name of WHOLE_FROM_0) requireWhole(name, read[name], 0, INT_MAX);
  for (const name of WHOLE_FROM_1) requireWhole(name, read[name], 1, INT_MAX);
  for (const name of BOOLEANS) requireBoolean(name, read[name]);
  const { allowAutoCreateTopics: creates } = read;
  if (typeof creates !== 'function') requireBoolean('allowAutoCreateTopics', creates);
  checkLevels(read);
  const acks = read.acks === 'all' ? -1 : read.acks;
  if (acks !== -1 && acks !== 0 && acks !== 1) throw bad(`'acks': expected 0, 1 or all`);
  requireChoice('compressionType', read.compressionType, CODEC_NAMES);
  if (read.deliveryTimeoutMs < read.lingerMs + read.requestTimeoutMs) {
    throw bad(`'deliveryTimeoutMs': expected at least lingerMs + requestTimeoutMs`);
  }
  const obstacle = idempotenceObstacle(read, acks);
  const isAsked = 'enableIdempotence' in given || 'enable.idempotence' in given;
  if (obstacle !== '' && read.enableIdempotence && (isAsked || read.transactionalId !== '')) {
    throw bad(`'enableIdempotence': it needs ${obstacle}`);
  }
  if (read.transactionalId !== '' && !read.enableIdempotence) {
    throw bad(`'transactionalId': it needs enableIdempotence`);
  }
  const enableIdempotence = read.enableIdempotence && obstacle === '';
  return { ...read, acks, enableIdempotence };
}

/** Kafka's bounds. */
function checkLevels(read: ProducerSettings): void {
  const { compressionGzipLevel, compressionLz4Level, compressionZstdLevel } = read;
  if (compressionGzipLevel !== -1) requireWhole('compressionGzipLevel', compressionGzipLevel, 1, 9);
  requireWhole('compressionLz4Level', compressionLz4Level, 1, 17);
  requireWhole('compressionZstdLevel', compressionZstdLevel, -131_072, 22);
}

/** Of the codec that the producer uses; undefined where it knows none. */
export function compressionLevelOf(settings: ProducerSettings): number | undefined {
  switch (settings.compressionType) {
    case 'gzip':
      return settings.compressionGzipLevel;
    case 'lz4':
      return settings.compressionLz4Level;
    case 'zstd':
      return settings.compressionZstdLevel;
    default:
      return undefined;
  }
}

function idempotenceObstacle(settings: ProducerSettings, acks: number): string {
  if (acks !== -1) return 'acks=all';
  if (settings.retries === 0) return 'retries above 0';
  const { maxInFlightRequestsPerConnection: inFlight } = settings;
  if (inFlight > IDEMPOTENT_IN_FLIGHT_MAX) return 'at most 5 requests in flight a connection';
  return '';
}

function bad(what: string): KafkaError {
  return new KafkaError('BAD_ARGUMENT', `option ${what}`);
}
