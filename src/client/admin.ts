import { Cluster, type ClusterOptions } from './cluster.ts';
import { ConfigAdmin } from './config-admin.ts';
import { COORDINATED, Coordinators } from './coordinators.ts';
import { GroupAdmin } from './group-admin.ts';
import { GroupOffsetAdmin } from './group-offset-admin.ts';
import { OffsetAdmin } from './offset-admin.ts';
import { ProducerAdmin } from './producer-admin.ts';
import { TopicAdmin } from './topic-admin.ts';
import { TransactionAdmin } from './transaction-admin.ts';

/** Administration of a cluster, millrace's or Apache Kafka's. Connects at the first request. */
export class Admin {
  readonly cluster: Cluster;
  readonly topics: TopicAdmin;
  readonly configs: ConfigAdmin;
  readonly offsets: OffsetAdmin;
  readonly groups: GroupAdmin;
  readonly groupOffsets: GroupOffsetAdmin;
  readonly transactions: TransactionAdmin;
  readonly producers: ProducerAdmin;

  constructor(options: ClusterOptions) {
    this.cluster = new Cluster(options);
    const coordinators = new Coordinators(this.cluster);
    this.topics = new TopicAdmin(this.cluster);
    this.configs = new ConfigAdmin(this.cluster);
    this.offsets = new OffsetAdmin(this.cluster);
    this.groups = new GroupAdmin(this.cluster, coordinators);
    this.groupOffsets = new GroupOffsetAdmin(coordinators);
    const ofTransactions = new Coordinators(this.cluster, COORDINATED.TRANSACTION);
    this.transactions = new TransactionAdmin(this.cluster, ofTransactions);
    this.producers = new ProducerAdmin(this.cluster);
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
