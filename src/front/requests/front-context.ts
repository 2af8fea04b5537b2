import type { Clock } from '../../base/clock.ts';
import type { Logger, RateLimitedLog } from '../../base/logger.ts';
import type { BrokerSettings } from '../../metadata/config/broker-settings.ts';
import type { MetadataChanges } from '../../metadata/metadata-changes.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { FetchSessions } from '../fetch/fetch-sessions.ts';
import type { CleaningMetrics } from '../metrics/cleaning-metrics.ts';
import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { Call } from '../net/call.ts';
import type { Endpoints } from '../net/endpoints.ts';
import type { KafkaFront } from '../net/kafka-front.ts';
import type { HelperPool } from '../partitions/helper-pool.ts';
import type { LostFiles } from '../partitions/lost-files.ts';
import type { PartitionLoader } from '../partitions/partition-loader.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { Recompression } from '../partitions/recompression.ts';
import type { TimeSearch } from '../partitions/time-search.ts';
import type { TopicDirectory } from '../partitions/topic-directory.ts';
import type { Workers } from '../partitions/workers.ts';
import type { Feature, ServedApi } from './handler.ts';

/** What the handlers work with: one of these a broker, made by the composition root. */
/** The files that say how far the logs are, and where they start. */
export interface Checkpoints {
  /** Why the last save failed; '' when it did not. */
  readonly failure: string;
  /** Never rejects: false where the files could not be written, or a log is not well. */
  save(): Promise<boolean>;
}

export interface FrontContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: RateLimitedLog;
  /** The broker's configuration in force; a dynamic change replaces it. */
  settings: BrokerSettings;
  readonly partitions: Partitions;
  readonly workers: Workers;
  readonly loader: PartitionLoader;
  readonly lostFiles: LostFiles;
  readonly fetchSessions: FetchSessions;
  readonly helpers: HelperPool;
  readonly times: TimeSearch;
  readonly recompression: Recompression;
  readonly metrics: RequestMetrics;
  readonly cleaning: CleaningMetrics;
  readonly metadata: MetadataView;
  readonly changes: MetadataChanges;
  readonly directory: TopicDirectory;
  readonly endpoints: Endpoints;
  readonly features: readonly Feature[];
  readonly served: readonly ServedApi[];
  readonly kafka: KafkaFront;
  readonly checkpoints: Checkpoints;
  /** Encodes a response for its call's version and hands it to the connection. */
  reply(call: Call, response: object): void;
  /** Sends the body of a response that is encoded already; the bytes are copied. */
  replyBody(call: Call, body: Buffer): void;
  /** Ends a call whose handler threw: one log line, and its connection is closed. */
  fail(call: Call, thrown: unknown): void;
  /** Logs a failed read and says which wire error it is. */
  readFailure(mirror: PartitionMirror, outcome: number): number;
}
