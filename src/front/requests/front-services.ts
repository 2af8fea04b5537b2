import type { Clock } from '../../base/clock.ts';
import type { Logger, RateLimitedLog } from '../../base/logger.ts';
import type { BrokerSettings } from '../../metadata/config/broker-settings.ts';
import type { MetadataChanges } from '../../metadata/metadata-changes.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { TokenSecrets } from '../../security/tokens/token-secrets.ts';
import type { FetchSessions } from '../fetch/fetch-sessions.ts';
import type { StreamsTopics } from '../groups/streams-topics.ts';
import type { CleaningMetrics } from '../metrics/cleaning-metrics.ts';
import type { ClusterReport } from '../metrics/cluster-report.ts';
import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { Endpoints } from '../net/endpoints.ts';
import type { KafkaFront } from '../net/kafka-front.ts';
import type { TlsContexts } from '../net/tls/tls-contexts.ts';
import type { HelperPool } from '../partitions/helper-pool.ts';
import type { LogDirectories } from '../partitions/log-directories.ts';
import type { LostFiles } from '../partitions/lost-files.ts';
import type { PartitionLoader } from '../partitions/partition-loader.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { Recompression } from '../partitions/recompression.ts';
import type { ReplicaMoves } from '../partitions/replica-moves.ts';
import type { ReplicaThrottle } from '../partitions/replica-throttle.ts';
import type { TimeSearch } from '../partitions/time-search.ts';
import type { TopicDirectory } from '../partitions/topic-directory.ts';
import type { Workers } from '../partitions/workers.ts';
import type { TransactionWriters } from '../transactions/transaction-writers.ts';
import type { Transactions } from '../transactions/transactions.ts';
import type { Auditing } from './auditing.ts';
import type { Forwarding } from './forwarding.ts';
import type { Replies } from './front-replies.ts';
import type { Feature, ServedApi } from './handler.ts';
import type { ProducerIds } from './producer-ids.ts';
import type { Rights } from './rights.ts';
import type { Throttling } from './throttling.ts';

/** The files that say how far the logs are, and where they start. */
export interface Checkpoints {
  /** Why the last save failed; '' when it did not. */
  readonly failure: string;
  /** Never rejects: false where the files could not be written, or a log is not well. */
  save(): Promise<boolean>;
}

/**
 * The services of the front by name. The composition root makes one of each. Only it, the router
 * and the gateway's root hold them all; everybody else declares the few that it uses, as
 * `Services<'workers' | 'partitions'>`.
 */
export interface FrontServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly faults: RateLimitedLog;
  /** The broker's configuration in force. A dynamic change replaces it, so nobody keeps it. */
  readonly settings: BrokerSettings;
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
  /** Null where this node decides. */
  readonly forwarding: Forwarding | null;
  readonly directory: TopicDirectory;
  readonly logDirs: LogDirectories;
  readonly moves: ReplicaMoves;
  readonly endpoints: Endpoints;
  readonly features: readonly Feature[];
  readonly served: readonly ServedApi[];
  readonly kafka: KafkaFront;
  readonly checkpoints: Checkpoints;
  readonly producerIds: ProducerIds;
  readonly rights: Rights;
  readonly audit: Auditing;
  readonly throttling: Throttling;
  /** Of what other brokers copy. Null where there are none. */
  readonly leaderThrottle: ReplicaThrottle | null;
  /** Null where there is no other broker. */
  readonly cluster: ClusterReport | null;
  /** Null where delegation tokens are switched off. */
  readonly tokens: TokenSecrets | null;
  readonly tls: TlsContexts;
  readonly transactionWriters: TransactionWriters;
  readonly replies: Replies;
  readonly transactions: Transactions;
  readonly streamsTopics: StreamsTopics;
}

/** Some of the services, by their names. */
export type Services<Name extends keyof FrontServices> = Pick<FrontServices, Name>;
