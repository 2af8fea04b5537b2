import type { Named } from '../config/option-names.ts';
import { ClientMetrics } from '../metrics/client-metrics.ts';
import type { AdminMetricNames } from '../metrics/names-of-clients.ts';
import { AclAdmin } from './acl-admin.ts';
import { AdminLink } from './admin-link.ts';
import { type AdminOptions, adminSettings } from './admin-options.ts';
import type { CallOptions } from './call-options.ts';
import { ClusterAdmin } from './cluster-admin.ts';
import { ConfigAdmin } from './config-admin.ts';
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
  readonly topics: TopicAdmin;
  readonly records: RecordAdmin;
  readonly configs: ConfigAdmin;
  readonly cluster: ClusterAdmin;
  readonly groups: GroupAdmin;
  readonly groupOffsets: GroupOffsetAdmin;
  readonly transactions: TransactionAdmin;
  readonly producers: ProducerAdmin;
  readonly shareOffsets: ShareOffsetAdmin;
  readonly replicas: ReplicaAdmin;
  readonly logDirs: LogDirAdmin;
  readonly quorum: QuorumAdmin;
  readonly acls: AclAdmin;
  readonly scram: ScramAdmin;
  readonly quotas: QuotaAdmin;
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
  clientInstanceId(): Promise<string> {
    return this.#link.cluster.telemetry.instanceId();
  }

  /**
   * Connects and resolves with the ids of the brokers. Unlike other calls it is one attempt: it
   * fails at once where no bootstrap server answers.
   */
  async connect(): Promise<number[]> {
    const { metadata, network } = this.#link.cluster;
    await metadata.refresh();
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
}
