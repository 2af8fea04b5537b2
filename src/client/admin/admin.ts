import type { Named } from '../config/option-names.ts';
import { ClientMetrics } from '../metrics/client-metrics.ts';
import type { AdminMetricNames } from '../metrics/names-of-clients.ts';
import { AclAdmin } from './acl-admin.ts';
import { AdminLink } from './admin-link.ts';
import { type AdminOptions, adminSettings } from './admin-options.ts';
import type { CallOptions } from './call-options.ts';
import { ClusterAdmin } from './cluster-admin.ts';
import { ConfigAdmin } from './config-admin.ts';
import { Deadline } from './deadline.ts';
import { brokerIds } from './every-broker.ts';
import { GroupAdmin } from './group-admin.ts';
import { GroupOffsetAdmin } from './group-offset-admin.ts';
import { LogDirAdmin } from './log-dir-admin.ts';
import { ProducerAdmin } from './producer-admin.ts';
import { QuorumAdmin } from './quorum-admin.ts';
import { QuotaAdmin } from './quota-admin.ts';
import { RecordAdmin } from './record-admin.ts';
import { ReplicaAdmin } from './replica-admin.ts';
import { ScramAdmin } from './scram-admin.ts';
import { ShareOffsetAdmin } from './share-offset-admin.ts';
import { TokenAdmin } from './token-admin.ts';
import { TopicAdmin } from './topic-admin.ts';
import { TransactionAdmin } from './transaction-admin.ts';

/**
 * Administration of a cluster, millrace's or Apache Kafka's. It connects at the first call.
 *
 * A call about many resources answers with what became of each: its value, or the KafkaError that
 * is its alone. What passes (a leader that moves, a coordinator that loads, a lost connection) is
 * tried again until the time of the call is over.
 */
export class Admin {
  /** Lists, describes, creates and deletes topics, and adds partitions. */
  readonly topics: TopicAdmin;
  /** Finds offsets by time or mark, and deletes records before an offset. */
  readonly records: RecordAdmin;
  /** Describes and alters configs of brokers, topics, groups and clients. */
  readonly configs: ConfigAdmin;
  /** Describes brokers, API versions and features, and unregisters brokers. */
  readonly cluster: ClusterAdmin;
  /** Lists, describes and deletes groups of all types, and removes members. */
  readonly groups: GroupAdmin;
  /** Lists, alters and deletes committed offsets. */
  readonly groupOffsets: GroupOffsetAdmin;
  /** Lists and describes transactions, fences producers, aborts what hangs. */
  readonly transactions: TransactionAdmin;
  /** Tells which producers wrote to a partition last. */
  readonly producers: ProducerAdmin;
  /** Lists, alters and deletes the start offsets of share groups. */
  readonly shareOffsets: ShareOffsetAdmin;
  /** Reassigns replicas and elects leaders. */
  readonly replicas: ReplicaAdmin;
  /** Describes log folders, and moves replicas between them. */
  readonly logDirs: LogDirAdmin;
  /** Describes the controllers, adds and removes voters. */
  readonly quorum: QuorumAdmin;
  /** Describes, creates and deletes ACLs. */
  readonly acls: AclAdmin;
  /** Describes and alters users' SCRAM passwords. */
  readonly scram: ScramAdmin;
  /** Describes and alters quotas of users and clients. */
  readonly quotas: QuotaAdmin;
  /** Creates, renews, expires and describes delegation tokens. */
  readonly tokens: TokenAdmin;
  readonly #link: AdminLink;

  constructor(options: Named<AdminOptions>) {
    const link = new AdminLink(adminSettings(options));
    this.#link = link;
    this.topics = new TopicAdmin(link);
    this.records = new RecordAdmin(link);
    this.configs = new ConfigAdmin(link);
    this.cluster = new ClusterAdmin(link);
    this.groups = new GroupAdmin(link);
    this.groupOffsets = new GroupOffsetAdmin(link);
    this.transactions = new TransactionAdmin(link);
    this.producers = new ProducerAdmin(link);
    this.shareOffsets = new ShareOffsetAdmin(link);
    this.replicas = new ReplicaAdmin(link);
    this.logDirs = new LogDirAdmin(link);
    this.quorum = new QuorumAdmin(link);
    this.acls = new AclAdmin(link);
    this.scram = new ScramAdmin(link);
    this.quotas = new QuotaAdmin(link);
    this.tokens = new TokenAdmin(link);
  }

  /** The metrics of this client under Kafka's names. */
  get metrics(): ClientMetrics<AdminMetricNames> {
    return new ClientMetrics(this.#link.cluster.metrics);
  }

  /** The id that the broker gave this client, for its logs (KIP-714). */
  async clientInstanceId(options: CallOptions = {}): Promise<string> {
    return this.#deadline('clientInstanceId', options).bound(
      this.#link.cluster.telemetry.instanceId(),
    );
  }

  /**
   * Connects and resolves with the ids of the brokers. Unlike other calls it is one attempt: it
   * fails at once where no bootstrap server answers.
   */
  async connect(options: CallOptions = {}): Promise<number[]> {
    const { metadata, network } = this.#link.cluster;
    await this.#deadline('connect', options).bound(metadata.refresh());
    return [...network.nodes.keys()];
  }

  /** The ids of the brokers that there are now. */
  brokers(options?: CallOptions): Promise<number[]> {
    return brokerIds(this.#link, options);
  }

  /** Closes all connections; calls that wait fail with `CLOSED`. */
  close(): Promise<void> {
    return this.#link.cluster.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #deadline(what: string, options: CallOptions): Deadline {
    return new Deadline(what, options, this.#link.settings.defaultApiTimeoutMs);
  }
}
