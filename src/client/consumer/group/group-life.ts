import { every } from '../../../base/every.ts';
import { inBackground } from '../../../base/in-background.ts';
import { unref } from '../../../base/unref.ts';
import { KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { abortable } from '../../net/abortable.ts';
import { BackOff } from '../../net/back-off.ts';
import { pause } from '../../net/pause.ts';
import { within } from '../../net/within.ts';
import { partitionName, type TopicPartition } from '../../topic-partition.ts';
import type { ConsumerCore } from '../consumer-core.ts';
import type { PartitionsChange } from '../consumer-metrics.ts';
import type { ConsumerSettings, TopicChoice } from '../consumer-options.ts';
import { type CommitOptions, Committer } from '../offsets/committer.ts';
import {
  type CommittedOffset,
  type GroupIdentity,
  NO_MEMBER,
  type OffsetToCommit,
} from '../offsets/group-offsets.ts';
import type { Subscription } from '../subscription.ts';
import { ClassicMembership } from './classic-membership.ts';
import { ConsumerMembership } from './consumer-membership.ts';
import type { JoinedGroup, Membership, MembershipEvents, RebalanceStage } from './membership.ts';
import { StallWatch } from './stall-watch.ts';

/** For how long a rebalance waits for the commit of what is given up. */
const REVOKE_COMMIT_MS = 5_000;

/** Makes the member, which begins to join at once. */
export type MembershipMaker = (
  link: ClusterLink,
  settings: ConsumerSettings,
  events: MembershipEvents,
) => Membership;

/** What a consumer does as one of a group: membership, commits, the listener. */
export class GroupLife<K, V> implements MembershipEvents {
  readonly #core: ConsumerCore<K, V>;
  readonly #subscription: Subscription<K, V>;
  readonly #committer: Committer<K, V>;
  readonly #stall: StallWatch;
  readonly #makeMember: MembershipMaker;
  #heardMs = Number.NEGATIVE_INFINITY;
  #membership: Membership | null = null;
  #timer: NodeJS.Timeout | null = null;
  #topics = '';

  /** Without `makeMember` the group is of the protocol that the settings say. */
  constructor(
    core: ConsumerCore<K, V>,
    subscription: Subscription<K, V>,
    makeMember: MembershipMaker = memberBySettings,
  ) {
    const { settings, states, offsets } = core;
    this.#core = core;
    this.#makeMember = makeMember;
    this.#stall = new StallWatch(settings.heartbeatIntervalMs, settings.sessionTimeoutMs);
    this.#subscription = subscription;
    this.#committer = new Committer(
      settings,
      states,
      offsets!,
      () => this.identity,
      (committed) => core.interceptors?.onCommit(committed),
    );
  }

  get identity(): GroupIdentity {
    return this.#membership?.identity ?? NO_MEMBER;
  }

  get isMember(): boolean {
    return this.#membership !== null;
  }

  subscribe(topics: readonly TopicChoice<K, V>[]): void {
    const { link, settings } = this.#core;
    const { metadata } = link;
    this.#subscription.set(topics);
    metadata.wantAll(this.#subscription.hasPatterns);
    metadata.want(this.topics());
    this.startCommitting();
    if (this.#membership !== null) {
      this.#onTopics();
      if (this.#subscription.hasPatterns) metadata.invalidate();
      return;
    }
    this.#topics = this.topics().join();
    metadata.onChange(() => this.#onTopics());
    if (this.#subscription.hasPatterns) metadata.invalidate();
    this.#stall.start();
    this.#membership = this.#makeMember(link, settings, this);
  }

  /** Asks for another assignment. */
  rejoin(): void {
    this.#membership?.rejoin();
  }

  /** When this member asked last of what the group has answered, by `performance.now()`. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** For how long the group bears not to hear of this member. */
  get sessionMs(): number {
    return this.#membership?.sessionMs ?? this.#core.settings.sessionTimeoutMs;
  }

  /** Commits at an interval what was left behind, where that is wanted. */
  startCommitting(): void {
    const { enableAutoCommit, autoCommitIntervalMs, onError } = this.#core.settings;
    if (!enableAutoCommit || this.#timer !== null) return;
    const onFailure = (thrown: unknown) => onError(toKafkaError(thrown));
    this.#timer = every(
      autoCommitIntervalMs,
      () => this.#commitLeft(autoCommitIntervalMs),
      onFailure,
    );
    unref(this.#timer);
  }

  /** Commits what was left behind, where commits are automatic. */
  async commitAtEnd(): Promise<void> {
    const { enableAutoCommit, defaultApiTimeoutMs } = this.#core.settings;
    if (enableAutoCommit && !this.#core.isClosed) await this.#commitLeft(defaultApiTimeoutMs);
  }

  /** Null commits all that was handed out. */
  async commit(offsets: readonly OffsetToCommit[] | null, options: CommitOptions): Promise<void> {
    const sinceMs = performance.now();
    await this.#commit(offsets ?? this.#handedOut(), options);
    this.#core.metrics.onCommitCall(sinceMs);
  }

  async committed(
    partitions: readonly TopicPartition[],
    { timeoutMs, signal }: CommitOptions,
  ): Promise<CommittedOffset[]> {
    const { settings, offsets } = this.#core;
    const backOff = new BackOff(settings.retryBackoffMs, settings.retryBackoffMaxMs);
    const startMs = performance.now();
    const endMs = startMs + timeoutMs;
    for (;;) {
      try {
        const fetched = offsets!.fetch(partitions, NO_MEMBER);
        const found = await abortable(fetched, signal, 'the question for committed offsets');
        this.#core.metrics.onCommittedCall(startMs);
        return found;
      } catch (thrown) {
        const pauseMs = backOff.next();
        const error = toKafkaError(thrown);
        const isOver = signal?.aborted === true || performance.now() + pauseMs > endMs;
        if (!error.retriable || isOver) throw error;
        await pause(pauseMs, signal);
      }
    }
  }

  async close(leaves: boolean, timeoutMs: number): Promise<void> {
    const { enableAutoCommit, onError } = this.#core.settings;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stall.stop();
    const work = async () => {
      await this.#core.onGiveUp?.(new Set(this.owned().map(partitionName)));
      const committed = enableAutoCommit ? this.#commitLeft(timeoutMs) : Promise.resolve();
      await inBackground(committed, (thrown) => onError(toKafkaError(thrown)));
      if (this.owned().length > 0 && this.isMember) {
        await this.#core.settings.listener?.onRevoked?.(this.owned());
      }
      await this.#membership?.close(leaves);
    };
    await within(work(), timeoutMs);
  }

  topics(): string[] {
    return this.#subscription.topics(this.#core.link.metadata);
  }

  owned(): TopicPartition[] {
    return [...this.#core.states.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  async onAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.#core.isClosed) return;
    const { listener } = this.#core.settings;
    await this.#listen('assigned', partitions, () => listener?.onAssigned?.(partitions));
    this.#core.add(partitions);
  }

  async onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    const { enableAutoCommit, listener, onError } = this.#core.settings;
    await this.#core.onGiveUp?.(new Set(partitions.map(partitionName)));
    if (enableAutoCommit) {
      const committed = this.#commitLeft(REVOKE_COMMIT_MS);
      await inBackground(committed, (thrown) => onError(toKafkaError(thrown)));
    }
    await this.#listen('revoked', partitions, () => listener?.onRevoked?.(partitions));
    this.#core.remove(partitions);
  }

  async onLost(partitions: readonly TopicPartition[]): Promise<void> {
    const { listener } = this.#core.settings;
    this.#core.remove(partitions);
    this.#tellStall(partitions.length);
    const onLost = listener?.onLost ?? listener?.onRevoked;
    await this.#listen('lost', partitions, () => onLost?.call(listener, partitions));
  }

  onJoined({ askedMs }: JoinedGroup): void {
    this.#heardMs = askedMs;
  }

  onHeartbeat(askedMs: number): void {
    this.#heardMs = askedMs;
  }

  onRebalance(stage: RebalanceStage): void {
    this.#core.metrics.onRebalance(stage);
  }

  onError(error: KafkaError): void {
    this.#core.fail(error, true);
  }

  /** What a listener throws is told to the loop; the group goes on. */
  async #listen(
    what: PartitionsChange,
    partitions: readonly TopicPartition[],
    call: () => void | Promise<void> | undefined,
  ): Promise<void> {
    const sinceMs = performance.now();
    const called = Promise.resolve().then(call);
    await inBackground(called, (thrown) => this.#core.fail(toKafkaError(thrown)));
    const { memberId } = this.identity;
    this.#core.metrics.onListened(what, partitions, memberId, sinceMs);
  }

  async #commitLeft(timeoutMs: number): Promise<void> {
    if (this.#core.commitsInTransactions) return;
    const left = this.#committer.left(this.#core.states.values());
    if (left.length > 0) await this.#commit(left, { timeoutMs });
  }

  async #commit(offsets: readonly OffsetToCommit[], options: CommitOptions): Promise<void> {
    try {
      await this.#committer.commit(offsets, options);
    } catch (thrown) {
      throw this.#stall.explain(toKafkaError(thrown));
    }
  }

  /** The loss passes by itself, but a handler that blocks the event loop makes it come again. */
  #tellStall(lost: number): void {
    const { reason } = this.#stall;
    if (reason === null) return;
    const { groupId, onError } = this.#core.settings;
    const loss = `group ${groupId}: the member was put out and has lost ${lost} partitions`;
    onError(new KafkaError('UNKNOWN_MEMBER_ID', `${loss}: ${reason}`));
  }

  #handedOut(): OffsetToCommit[] {
    const states = [...this.#core.states.values()].filter(({ position }) => position >= 0);
    return states.map(({ topic, partition, position: offset, positionEpoch: leaderEpoch }) => {
      return { topic, partition, offset, leaderEpoch };
    });
  }

  #onTopics(): void {
    const topics = this.topics().join();
    if (topics === this.#topics) return;
    this.#topics = topics;
    this.#membership?.onTopics();
  }
}

function memberBySettings(
  link: ClusterLink,
  settings: ConsumerSettings,
  events: MembershipEvents,
): Membership {
  const Protocol = settings.groupProtocol === 'consumer' ? ConsumerMembership : ClassicMembership;
  return new Protocol(link, settings, events);
}
