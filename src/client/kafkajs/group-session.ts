import { ConsumerCore } from '../consumer/consumer-core.ts';
import type { ConsumerSettings } from '../consumer/consumer-options.ts';
import { ClassicMembership } from '../consumer/group/classic-membership.ts';
import type { MembershipEvents, RebalanceStage } from '../consumer/group/membership.ts';
import { type GroupIdentity, NO_MEMBER } from '../consumer/offsets/group-offsets.ts';
import { END } from '../consumer/offsets/reset-policy.ts';
import { type NullableBytes, RAW_READERS } from '../consumer/records/record-readers.ts';
import type { KafkaError } from '../errors/kafka-error.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { CONSUMER_EVENTS, type Instrumentation } from './events.ts';
import type { Pauses } from './pauses.ts';
import { facadeError } from './protocol-error.ts';
import { type CommitPolicy, ResolvedOffsets } from './resolved-offsets.ts';
import type { Assignment, Logger } from './types.ts';

export type FacadeCore = ConsumerCore<NullableBytes, NullableBytes>;

export interface SessionParts {
  readonly settings: ConsumerSettings;
  /** The topics and whether each is read from its beginning where nothing is committed. */
  readonly topics: ReadonlyMap<string, boolean>;
  readonly pauses: Pauses;
  readonly policy: CommitPolicy;
  readonly instrumentation: Instrumentation;
  readonly logger: Logger;
}

export interface SessionEvents {
  /** Resolves once nothing of these partitions is worked on. They are about to be given up. */
  onGiveUp(partitions: readonly TopicPartition[]): Promise<void>;
  onError(error: Error): void;
}

/** One membership in the group, from `run` to `stop` or a crash. */
export class GroupSession implements MembershipEvents {
  readonly core: FacadeCore;
  readonly offsets: ResolvedOffsets;
  /** Resolves with the first assignment. */
  readonly joined: Promise<void>;
  /** Whether the group wants this member to give up what it has. */
  isRebalancing = false;
  readonly #parts: SessionParts;
  readonly #events: SessionEvents;
  readonly #membership: ClassicMembership;
  readonly #seeks = new Map<string, number>();
  #startedMs = Date.now();
  #group = { leaderId: '', protocol: '' };
  #onFirstJoin: () => void = () => undefined;

  constructor(parts: SessionParts, events: SessionEvents) {
    const { settings, topics, policy, instrumentation } = parts;
    this.#parts = parts;
    this.#events = events;
    this.joined = new Promise((resolve) => {
      this.#onFirstJoin = resolve;
    });
    const reset = (_nowMs: number, topic: string) =>
      topics.get(topic) === true ? END.EARLIEST : END.LATEST;
    const identity = () => this.identity;
    this.core = new ConsumerCore(settings, () => RAW_READERS, identity, reset);
    this.offsets = new ResolvedOffsets(this.core, policy, identity, instrumentation);
    this.core.link.metadata.want(topics.keys());
    this.#membership = new ClassicMembership(this.core.link, settings, this);
  }

  /** Members of a group that was not joined yet are nobody. */
  get identity(): GroupIdentity {
    return (this.#membership as ClassicMembership | undefined)?.identity ?? NO_MEMBER;
  }

  get groupId(): string {
    return this.#parts.settings.groupId!;
  }

  topics(): readonly string[] {
    return [...this.#parts.topics.keys()];
  }

  owned(): TopicPartition[] {
    return [...this.core.states.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Applies now, or once the partition is assigned. Special offsets are the ends of the log. */
  seek(at: TopicPartition, offset: number): void {
    const name = `${at.topic}-${at.partition}`;
    const state = this.core.states.get(name);
    if (state === undefined) {
      this.#seeks.set(name, offset);
      return;
    }
    if (offset < 0) {
      this.offsets.forget([at]);
      this.core.seekToTime(state, offset);
      return;
    }
    this.core.seek(state, offset);
    this.offsets.resolve(at, offset);
  }

  applyPauses(): void {
    for (const state of this.core.states.values()) {
      this.core.setPaused(state, this.#parts.pauses.isPaused(state));
    }
  }

  async close(): Promise<void> {
    await this.#membership.close(true);
  }

  onJoined({ leaderId, protocol }: { leaderId: string; protocol: string | null }): void {
    this.#group = { leaderId, protocol: protocol ?? '' };
  }

  onHeartbeat(): void {
    const { memberId, generation: groupGenerationId } = this.identity;
    const payload = { groupId: this.groupId, memberId, groupGenerationId };
    this.#parts.instrumentation.emit(CONSUMER_EVENTS.HEARTBEAT, payload);
  }

  async onAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.core.isClosed) return;
    const wanted = this.#subscribed(partitions);
    this.isRebalancing = false;
    this.core.add(wanted);
    for (const at of wanted) {
      const name = `${at.topic}-${at.partition}`;
      const offset = this.#seeks.get(name);
      if (offset === undefined) continue;
      this.#seeks.delete(name);
      this.seek(at, offset);
    }
    this.#seeks.clear();
    this.applyPauses();
    this.#tellJoined();
    this.#onFirstJoin();
  }

  async onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    const { instrumentation, logger } = this.#parts;
    const { memberId } = this.identity;
    const { groupId } = this;
    this.isRebalancing = true;
    this.#startedMs = Date.now();
    logger.warn('The group is rebalancing, re-joining', { groupId, memberId });
    instrumentation.emit(CONSUMER_EVENTS.REBALANCING, { groupId, memberId });
    await this.#events.onGiveUp(partitions);
    this.core.remove(partitions);
    this.offsets.forget(partitions);
  }

  async onLost(partitions: readonly TopicPartition[]): Promise<void> {
    this.#startedMs = Date.now();
    this.core.remove(partitions);
    this.offsets.forget(partitions);
  }

  onRebalance(stage: RebalanceStage): void {
    if (stage === 'begun') this.#startedMs = Date.now();
  }

  onError(error: KafkaError): void {
    this.#events.onError(facadeError(error));
  }

  /** Others may have led the group with topics of their own. */
  #subscribed(partitions: readonly TopicPartition[]): TopicPartition[] {
    const { topics, instrumentation, logger } = this.#parts;
    const assignedTopics = [...new Set(partitions.map(({ topic }) => topic))];
    const topicsNotSubscribed = assignedTopics.filter((topic) => !topics.has(topic));
    if (topicsNotSubscribed.length > 0) {
      const { memberId, generation: generationId } = this.identity;
      const topicsSubscribed = [...topics.keys()];
      const what = { assignedTopics, topicsSubscribed, topicsNotSubscribed };
      const payload = { groupId: this.groupId, generationId, memberId, ...what };
      instrumentation.emit(CONSUMER_EVENTS.RECEIVED_UNSUBSCRIBED_TOPICS, payload);
      logger.warn('Consumer group received unsubscribed topics', payload);
    }
    return partitions.filter(({ topic }) => topics.has(topic));
  }

  #tellJoined(): void {
    const memberAssignment: Assignment = {};
    for (const { topic, partition } of this.owned()) {
      if (!Object.hasOwn(memberAssignment, topic)) memberAssignment[topic] = [];
      memberAssignment[topic]!.push(partition);
    }
    const { memberId } = this.identity;
    const { leaderId, protocol: groupProtocol } = this.#group;
    const payload = {
      groupId: this.groupId,
      memberId,
      leaderId,
      isLeader: leaderId === memberId,
      memberAssignment,
      groupProtocol,
      duration: Date.now() - this.#startedMs,
    };
    this.#parts.instrumentation.emit(CONSUMER_EVENTS.GROUP_JOIN, payload);
    this.#parts.logger.info('Consumer has joined the group', payload);
  }
}
