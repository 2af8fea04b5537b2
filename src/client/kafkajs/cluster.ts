import { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import type { ClientSettings } from '../config/client-options.ts';
import { ClusterLink } from '../metadata/cluster-link.ts';
import { isCoordinatorMove } from '../metadata/coordinator-finder.ts';
import type { Connection } from '../net/connection.ts';
import { LANE } from '../net/lane.ts';
import {
  KafkaJSGroupCoordinatorNotFound,
  KafkaJSMetadataNotLoaded,
  KafkaJSTopicMetadataNotLoaded,
} from './errors.ts';
import { facadeError, protocolError } from './protocol-error.ts';
import { retried } from './retry.ts';
import type { BrokerMetadata, Cluster, PartitionMetadata, RetryOptions } from './types.ts';

type MetadataAnswer = ResponseOf<typeof API.METADATA>;

/** The cluster as KafkaJS's parts see it: brokers, metadata, coordinators. */
export class FacadeCluster implements Cluster {
  readonly retry: RetryOptions;
  #link: ClusterLink | null = null;
  #isConnected = false;
  /** Of the client's SASL, for what is said where a broker refuses it. */
  #mechanism: string | undefined;
  readonly #makeSettings: () => Promise<ClientSettings>;
  readonly #createsTopics: boolean;
  readonly #targets = new Set<string>();

  constructor(
    makeSettings: () => Promise<ClientSettings>,
    createsTopics: boolean,
    retry: RetryOptions,
  ) {
    this.#makeSettings = makeSettings;
    this.#createsTopics = createsTopics;
    this.retry = retry;
  }

  get createsTopics(): boolean {
    return this.#createsTopics;
  }

  /** The brokers may be told by a function, which is called for each of them. */
  settings(): Promise<ClientSettings> {
    return this.#makeSettings();
  }

  /** Made with the first need of it, and again after `disconnect`. */
  async link(): Promise<ClusterLink> {
    if (this.#link !== null && !this.#link.network.isClosed) return this.#link;
    const settings = await this.#makeSettings();
    this.#mechanism = settings.sasl?.mechanism;
    if (this.#link !== null && !this.#link.network.isClosed) return this.#link;
    const link = new ClusterLink(settings, { allowAutoTopicCreation: this.#createsTopics });
    link.metadata.want(this.#targets);
    this.#link = link;
    return link;
  }

  /** Resolves once a broker answered. After `disconnect` it begins anew. */
  async connect(): Promise<void> {
    if (this.#isConnected) return;
    await retried(this.retry, () => this.refreshMetadata());
    this.#isConnected = true;
  }

  async disconnect(): Promise<void> {
    this.#isConnected = false;
    this.#link?.close();
  }

  isConnected(): boolean {
    return this.#isConnected;
  }

  getNodeIds(): number[] {
    return [...(this.#link?.network.nodes.keys() ?? [])];
  }

  async refreshMetadata(): Promise<void> {
    await this.#translated(async () => (await this.link()).metadata.refresh());
  }

  async refreshMetadataIfNecessary(): Promise<void> {
    const isKnown = [...this.#targets].every((topic) => this.#link?.metadata.topic(topic));
    if (!isKnown) await this.refreshMetadata();
  }

  addTargetTopic(topic: string): Promise<void> {
    return this.addMultipleTargetTopics([topic]);
  }

  /** Resolves once their metadata is there; topics that are missing are made where that is on. */
  async addMultipleTargetTopics(topics: string[]): Promise<void> {
    for (const topic of topics) this.#targets.add(topic);
    (await this.link()).metadata.want(topics);
    await retried(this.retry, async () => {
      await this.refreshMetadataIfNecessary();
      const failed = topics.map((topic) => this.#link?.metadata.topic(topic)?.errorCode ?? 0);
      const errorCode = failed.find((code) => code !== 0);
      if (errorCode === undefined) return;
      await this.refreshMetadata();
      throw protocolError(errorCode);
    });
  }

  /** Asked anew each time. Without topics it is about all of them. */
  metadata({ topics = [] }: { topics?: string[] } = {}): Promise<BrokerMetadata> {
    return retried(this.retry, () => this.topicMetadata(topics));
  }

  /** One attempt. */
  async topicMetadata(topics: readonly string[]): Promise<BrokerMetadata> {
    const answer = await this.ask((connection) =>
      connection.ask(API.METADATA, {
        topics: topics.length === 0 ? null : topics.map((name) => ({ name })),
        allowAutoTopicCreation: this.#createsTopics,
      }),
    );
    const failed = answer.topics.find(({ errorCode }) => errorCode !== 0);
    if (failed !== undefined) throw protocolError(failed.errorCode);
    return brokerMetadata(answer);
  }

  async removeTargetTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.#targets.delete(topic);
    (await this.link()).metadata.unwant(topics);
    await this.refreshMetadata();
  }

  findTopicPartitionMetadata(topic: string): PartitionMetadata[] {
    const image = this.#link?.metadata.topic(topic);
    if (!this.#targets.has(topic) && image === undefined) {
      throw new KafkaJSTopicMetadataNotLoaded('Topic metadata not loaded', { topic });
    }
    return (image?.partitions ?? []).map((each) => ({
      isr: [...each.isr],
      leader: each.leader,
      offlineReplicas: [...each.offline],
      partitionErrorCode: 0,
      partitionId: each.partition,
      replicas: [...each.replicas],
    }));
  }

  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]> {
    const known = this.findTopicPartitionMetadata(topic);
    const byLeader: Record<string, number[]> = {};
    for (const partition of partitions) {
      const found = known.find(({ partitionId }) => partitionId === Number(partition));
      if (found === undefined) continue;
      byLeader[found.leader] ??= [];
      byLeader[found.leader]!.push(Number(partition));
    }
    return byLeader;
  }

  /** Asks any broker. */
  ask<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#translated(async () => work(await (await this.link()).network.any()));
  }

  async askNode<T>(nodeId: number, work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#translated(async () => {
      return work(await (await this.link()).network.connect(nodeId, LANE.CONTROL));
    });
  }

  /** The controller by fresh metadata. */
  async askController<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.refreshMetadata();
    const { controllerId } = (await this.link()).metadata;
    if (controllerId < 0) throw new KafkaJSMetadataNotLoaded('Metadata not loaded');
    return this.askNode(controllerId, work);
  }

  /** The coordinator of a group, found anew where the broker denies that it is. */
  async askCoordinator<T>(
    groupId: string,
    work: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const { groups, network } = await this.link();
    let nodeId: number;
    try {
      nodeId = await retried(this.retry, () => this.#translated(() => groups.find(groupId)));
    } catch (thrown) {
      throw new KafkaJSGroupCoordinatorNotFound('Failed to find group coordinator', {
        cause: thrown,
      });
    }
    try {
      return await this.#translated(async () => work(await network.connect(nodeId, LANE.GROUP)));
    } catch (thrown) {
      const { code, name } = thrown as { code?: unknown; name?: string };
      const hasMoved = typeof code === 'number' && isCoordinatorMove(code);
      if (hasMoved || name?.startsWith('KafkaJSConnection') === true) groups.forget(groupId);
      throw thrown;
    }
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      throw facadeError(thrown, this.#mechanism);
    }
  }
}

function brokerMetadata(answer: MetadataAnswer): BrokerMetadata {
  const { brokers, topics, clusterId, controllerId } = answer;
  return {
    brokers: brokers.map(({ nodeId, host, port, rack }) => ({ nodeId, host, port, rack })),
    clusterId,
    controllerId,
    topicMetadata: topics.map(({ errorCode, name, partitions }) => ({
      topicErrorCode: errorCode,
      topic: name ?? '',
      partitionMetadata: partitions.map((each) => ({
        partitionErrorCode: each.errorCode,
        partitionId: each.partitionIndex,
        leader: each.leaderId,
        replicas: each.replicaNodes,
        isr: each.isrNodes,
        offlineReplicas: each.offlineReplicas,
      })),
    })),
  };
}
