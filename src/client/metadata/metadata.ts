import { inBackground } from '../../base/in-background.ts';
import { ERROR, isRetriable } from '../../base/kafka-errors.ts';
import { unref } from '../../base/unref.ts';
import { API } from '../../protocol/api-keys.ts';
import type { MetadataRequest, MetadataResponse } from '../../protocol/schema/03-metadata.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { ClientSettings } from '../config/client-options.ts';
import { abortedError, answerError, KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import { BackOff } from '../net/back-off.ts';
import type { BrokerNode, Network } from '../net/network.ts';
import { pause } from '../net/pause.ts';
import { within } from '../net/within.ts';
import { type TopicImage, topicImage, withLeader } from './topic-image.ts';

export interface MetadataOptions {
  /** Whether a question about a topic may create it: for all of them, or for each by its name. */
  readonly allowAutoTopicCreation: boolean | ((topic: string) => boolean);
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The first version in which topics may be asked for by id. */
const BY_ID_VERSION = 12;

/**
 * What is known of the cluster: brokers, topics, leaders. It is asked for anew after errors and at
 * an age; one question at a time, about the topics that were needed.
 */
export class Metadata {
  readonly #network: Network;
  readonly #settings: ClientSettings;
  readonly #options: MetadataOptions;
  readonly #backOff: BackOff;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #topics = new Map<string, TopicImage>();
  readonly #names = new Map<string, string>();
  readonly #wanted = new Set<string>();
  readonly #wantedIds = new Set<string>();
  /** Brokers that answers named as leaders (KIP-951) and that no metadata has named yet. */
  readonly #hinted = new Map<number, BrokerNode>();
  #wantsAll = false;
  #clusterId: string | null = null;
  #controllerId = -1;
  #version = 0;
  #refreshing: Promise<void> | null = null;
  /** A question that is asked after the one on its way. */
  #again: Promise<void> | null = null;
  #failingSinceMs = 0;
  /** When the brokers last answered, in monotonic time; 0 before. */
  updatedMs = 0;
  /** For how long callers have waited for topics, all in all. */
  topicWaitMs = 0;
  #lastFailure: KafkaError | null = null;
  #ageTimer: NodeJS.Timeout | null = null;
  #background: Promise<void> | null = null;

  constructor(network: Network, settings: ClientSettings, options: MetadataOptions) {
    this.#network = network;
    this.#settings = settings;
    this.#options = options;
    this.#backOff = new BackOff(settings.retryBackoffMs, settings.retryBackoffMaxMs);
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  get clusterId(): string | null {
    return this.#clusterId;
  }

  get controllerId(): number {
    return this.#controllerId;
  }

  get nodes(): ReadonlyMap<number, BrokerNode> {
    return this.#network.nodes;
  }

  /** What is known of the topic now. */
  topic(name: string): TopicImage | undefined {
    return this.#topics.get(name);
  }

  topicById(id: string): TopicImage | undefined {
    const name = this.#names.get(id);
    return name === undefined ? undefined : this.#topics.get(name);
  }

  /** All topics that are known, those with an error too. */
  topics(): IterableIterator<TopicImage> {
    return this.#topics.values();
  }

  /** Called after each change. Returns how to end it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every question asks about all topics from now on, for subscriptions by pattern. */
  wantAll(wanted: boolean): void {
    this.#wantsAll = wanted;
  }

  want(names: Iterable<string>): void {
    for (const name of names) this.#wanted.add(name);
  }

  /** An assignment may name topics before the metadata knows them. */
  wantIds(ids: Iterable<string>): void {
    for (const id of ids) if (!this.#names.has(id)) this.#wantedIds.add(id);
  }

  unwant(names: Iterable<string>): void {
    for (const name of names) this.#wanted.delete(name);
  }

  /**
   * Asks anew. A question that is on its way does not count: what the caller saw may be newer. It
   * rejects where no broker answered.
   */
  refresh(): Promise<void> {
    if (this.#refreshing === null) return this.#start();
    this.#again ??= this.#refreshing.then(
      () => this.#startAgain(),
      () => this.#startAgain(),
    );
    return this.#again;
  }

  /** Asks anew in the background, with a pause after failures. */
  invalidate(): void {
    if (this.#background !== null || this.#closing.signal.aborted) return;
    const work = this.#refreshUntilAnswered();
    this.#background = inBackground(work, (thrown) => {
      this.#background = null;
      if (!this.#closing.signal.aborted) this.#settings.onError(toKafkaError(thrown));
    });
  }

  /** Resolves with a topic that exists, asking until it does or the time is over. */
  async requireTopic(name: string, options: WaitOptions): Promise<TopicImage> {
    const known = this.#topics.get(name);
    if (known !== undefined && known.errorCode === ERROR.NONE) return known;
    const startMs = performance.now();
    try {
      return await this.#awaitTopic(name, options, startMs);
    } finally {
      this.topicWaitMs += performance.now() - startMs;
    }
  }

  async #awaitTopic(name: string, options: WaitOptions, startMs: number): Promise<TopicImage> {
    this.want([name]);
    const backOff = new BackOff(this.#settings.retryBackoffMs, this.#settings.retryBackoffMaxMs);
    for (;;) {
      const leftMs = options.timeoutMs - (performance.now() - startMs);
      await within(this.#attempt(), leftMs, options.signal);
      if (options.signal?.aborted === true) throw abortedError(options.signal, `topic ${name}`);
      const topic = this.#topics.get(name);
      if (topic?.errorCode === ERROR.NONE) return topic;
      const error = this.#topicError(name, topic, options.timeoutMs);
      if (!error.retriable) throw error;
      const pauseMs = backOff.next();
      if (performance.now() - startMs + pauseMs > options.timeoutMs) throw error;
      await pause(pauseMs, options.signal);
    }
  }

  /**
   * A leader that an answer named (KIP-951). True where it is news; an answer that is older than
   * what is known is none.
   */
  learnLeader(
    name: string,
    partition: number,
    leader: { readonly leaderId: number; readonly leaderEpoch: number },
    endpoints: readonly { nodeId: number; host: string; port: number; rack: string | null }[],
  ): boolean {
    const topic = this.#topics.get(name);
    const known = topic?.partitions[partition];
    if (topic === undefined || known === undefined) return false;
    if (leader.leaderId < 0 || leader.leaderEpoch <= known.leaderEpoch) return false;
    for (const { nodeId: id, host, port, rack } of endpoints) {
      if (id === leader.leaderId) this.#learnNode({ id, host, port, rack });
    }
    if (!this.#network.nodes.has(leader.leaderId)) return false;
    const { leaderId, leaderEpoch } = leader;
    this.#topics.set(name, withLeader(topic, partition, leaderId, leaderEpoch));
    this.#changed();
    return true;
  }

  close(): void {
    this.#closing.abort();
    if (this.#ageTimer !== null) clearTimeout(this.#ageTimer);
    this.#listeners.clear();
  }

  /** One question; a failure is remembered, not thrown. */
  async #attempt(): Promise<void> {
    try {
      await this.refresh();
      this.#lastFailure = null;
    } catch (thrown) {
      this.#lastFailure = toKafkaError(thrown, 'NETWORK_EXCEPTION');
    }
  }

  #topicError(name: string, topic: TopicImage | undefined, timeoutMs: number): KafkaError {
    const failure = this.#lastFailure;
    if (failure !== null) {
      const { code, message, category } = failure;
      const text = `topic ${name}: ${message}`;
      return new KafkaError(code, text, { topic: name, cause: failure, category });
    }
    const code = topic?.errorCode ?? ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    const text = isRetriable(code) ? `it is not there after ${timeoutMs} ms` : null;
    return answerError(code, text, `topic ${name}`, { topic: name });
  }

  #startAgain(): Promise<void> {
    this.#again = null;
    return this.#refreshing ?? this.#start();
  }

  #start(): Promise<void> {
    const work = this.#ask().finally(() => {
      this.#refreshing = null;
      this.#armAge();
    });
    this.#refreshing = work;
    return work;
  }

  async #refreshUntilAnswered(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await pause(this.#backOff.next(), signal);
      if (signal.aborted) return;
      await this.#attempt();
      if (this.#lastFailure === null) {
        this.#background = null;
        return;
      }
      const isHopeless = this.#lastFailure.category === 'invalid-configuration';
      if (isHopeless) throw this.#lastFailure;
    }
  }

  async #ask(): Promise<void> {
    try {
      const connection = await this.#choose();
      const ids = [...this.#wantedIds];
      const byId = ids.length > 0 && connection.versionOf(API.METADATA) >= BY_ID_VERSION;
      if (byId) {
        const topics = ids.map((topicId) => ({ topicId, name: null }));
        const body = { topics, allowAutoTopicCreation: false };
        this.#apply(await connection.ask(API.METADATA, body), false);
      }
      for (const body of this.#questions()) {
        this.#apply(await connection.ask(API.METADATA, body), true);
      }
      this.#failingSinceMs = 0;
      this.updatedMs = performance.now();
      this.#backOff.reset();
    } catch (thrown) {
      if (this.#failingSinceMs === 0) this.#failingSinceMs = performance.now();
      throw thrown;
    }
  }

  /** One, or one about the topics that may be created by it and one about those that may not. */
  #questions(): Pick<MetadataRequest, 'topics' | 'allowAutoTopicCreation'>[] {
    const { allowAutoTopicCreation: allows } = this.#options;
    if (this.#wantsAll) return [{ topics: null, allowAutoTopicCreation: allows === true }];
    const topics = [...this.#wanted].map((name) => ({ topicId: ZERO_UUID, name }));
    if (typeof allows === 'boolean') return [{ topics, allowAutoTopicCreation: allows }];
    const allowed = topics.filter(({ name }) => allows(name));
    const others = topics.filter(({ name }) => !allows(name));
    const questions = [{ topics: others, allowAutoTopicCreation: false }];
    if (allowed.length > 0) questions.push({ topics: allowed, allowAutoTopicCreation: true });
    return others.length > 0 || allowed.length === 0 ? questions : questions.slice(1);
  }

  /** After failures for a while, and where a broker says so, the bootstrap servers (KIP-1102). */
  #choose() {
    const { metadataRecoveryStrategy: strategy } = this.#settings;
    const { metadataRecoveryRebootstrapTriggerMs: triggerMs } = this.#settings;
    const since = this.#failingSinceMs;
    const isDue = since > 0 && performance.now() - since >= triggerMs;
    if (!isDue || strategy === 'none') return this.#network.any();
    this.#forgetNodes();
    return this.#network.bootstrap();
  }

  #learnNode(node: BrokerNode): void {
    if (!this.#network.nodes.has(node.id)) this.#hinted.set(node.id, node);
    this.#network.addNode(node);
  }

  #forgetNodes(): void {
    this.#hinted.clear();
    this.#network.setNodes([]);
  }

  /** A broker that answers named stays while it leads something that the metadata says less of. */
  #setNodes(nodes: readonly BrokerNode[]): void {
    for (const { id } of nodes) this.#hinted.delete(id);
    if (this.#hinted.size > 0) {
      const leaders = new Set<number>();
      for (const { partitions } of this.#topics.values()) {
        for (const { leader } of partitions) leaders.add(leader);
      }
      for (const id of this.#hinted.keys()) if (!leaders.has(id)) this.#hinted.delete(id);
    }
    this.#network.setNodes([...nodes, ...this.#hinted.values()]);
  }

  #apply(answer: MetadataResponse, isWhole: boolean): void {
    if (answer.errorCode === ERROR.REBOOTSTRAP_REQUIRED) {
      const { metadataRecoveryStrategy: strategy } = this.#settings;
      if (strategy !== 'none') this.#forgetNodes();
    }
    if (answer.errorCode !== ERROR.NONE) {
      throw answerError(answer.errorCode, null, 'metadata', { category: 'retriable' });
    }
    this.#clusterId = answer.clusterId;
    this.#controllerId = answer.controllerId;
    const seen = new Set<string>();
    for (const answered of answer.topics) {
      const name = answered.name ?? '';
      if (name === '') continue;
      seen.add(name);
      this.#remember(topicImage(answered, this.#topics.get(name)));
    }
    if (isWhole && this.#wantsAll) {
      for (const name of this.#topics.keys()) if (!seen.has(name)) this.#topics.delete(name);
    }
    this.#setNodes(
      answer.brokers.map(({ nodeId: id, host, port, rack }) => ({ id, host, port, rack })),
    );
    this.#changed();
  }

  #remember(topic: TopicImage): void {
    const known = this.#topics.get(topic.name);
    // A topic whose metadata cannot be had for a moment is still the topic that it was.
    const isPassing = topic.errorCode === ERROR.LEADER_NOT_AVAILABLE;
    if (known !== undefined && isPassing && topic.partitions.length === 0) return;
    if (known !== undefined && known.id !== topic.id) this.#names.delete(known.id);
    this.#topics.set(topic.name, topic);
    if (topic.id === ZERO_UUID) return;
    this.#names.set(topic.id, topic.name);
    if (this.#wantedIds.delete(topic.id)) this.#wanted.add(topic.name);
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  #armAge(): void {
    if (this.#ageTimer !== null) clearTimeout(this.#ageTimer);
    if (this.#closing.signal.aborted) return;
    const { metadataMaxAgeMs } = this.#settings;
    this.#ageTimer = unref(setTimeout(() => this.invalidate(), metadataMaxAgeMs));
  }
}
