import { readOptions } from '../../client/config/option-names.ts';
import type { AnyAssignor } from '../../client/consumer/assign/assignor.ts';
import { ConsumerCore } from '../../client/consumer/consumer-core.ts';
import {
  CONSUMER_DEFAULTS,
  type ConsumerSettings,
  checkConsumerSettings,
} from '../../client/consumer/consumer-options.ts';
import type { PartitionState } from '../../client/consumer/fetch/partition-state.ts';
import { GroupLife, type MembershipMaker } from '../../client/consumer/group/group-life.ts';
import {
  type CommittedOffset,
  NO_MEMBER,
  type OffsetToCommit,
} from '../../client/consumer/offsets/group-offsets.ts';
import type { ResetPolicy } from '../../client/consumer/offsets/reset-policy.ts';
import type { NullableBytes } from '../../client/consumer/records/record-readers.ts';
import { Subscription } from '../../client/consumer/subscription.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { GroupMetadata } from '../../client/producer/transactions.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import { type ClientPart, clientNamed } from './client-named.ts';
import type { StreamsSettings } from './streams-options.ts';

export type RawState = PartitionState<NullableBytes, NullableBytes>;
export type RawCore = ConsumerCore<NullableBytes, NullableBytes>;

/** Whether the group is a classic one, or one of the streams protocol. */
export type GroupProtocol = 'classic' | 'streams';

/** Told of partitions that come and go. What it returns is awaited before the group goes on. */
export interface GroupEvents {
  onAssigned(partitions: readonly TopicPartition[]): Promise<void>;
  /** They are still this member's, so that what was done can be committed. */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** Others may have them already. */
  onLost(partitions: readonly TopicPartition[]): Promise<void>;
}

/** A consumer without a group, for changelogs and global topics. */
export function newPlainCore(
  settings: StreamsSettings,
  policy: ResetPolicy,
  part: ClientPart,
): RawCore {
  const subscription = new Subscription<NullableBytes, NullableBytes>();
  const consumer = consumerSettings(settings, part, {});
  return new ConsumerCore(
    consumer,
    (topic) => subscription.readersOf(topic),
    () => NO_MEMBER,
    policy,
  );
}

/** The application's member of its group: what it reads, and what it commits. */
export class GroupReader {
  readonly core: RawCore;
  readonly #group: GroupLife<NullableBytes, NullableBytes>;
  readonly #settings: ConsumerSettings;
  readonly #policy: ResetPolicy;

  constructor(
    settings: StreamsSettings,
    assignor: AnyAssignor,
    policy: ResetPolicy,
    events: GroupEvents,
    makeMember: MembershipMaker,
  ) {
    const subscription = new Subscription<NullableBytes, NullableBytes>();
    this.#policy = policy;
    this.#settings = consumerSettings(settings, 'consumer', {
      groupId: settings.applicationId,
      partitionAssignmentStrategy: [assignor],
      listener: events,
    });
    this.core = new ConsumerCore(
      this.#settings,
      (topic) => subscription.readersOf(topic),
      () => this.#group.identity,
      policy,
    );
    this.#group = new GroupLife(this.core, subscription, makeMember);
  }

  /** Where a topic begins without committed offsets: a time, or one of its ends. */
  resetTime(topic: string): number {
    const time = this.#policy!(Date.now(), topic);
    if (time !== null) return time;
    const what = `topic ${topic} has no committed offset, and its source says to reset to none`;
    const category = 'application-recoverable';
    throw new KafkaError('OFFSET_OUT_OF_RANGE', what, { topic, category });
  }

  /** Joins the group. */
  subscribe(topics: readonly (string | RegExp)[]): void {
    this.#group.subscribe(topics);
  }

  /** Asks for another assignment. */
  rejoin(): void {
    this.#group.rejoin();
  }

  /** Whether the group has said since that this is its member, by `performance.now()`. */
  wasHeardSince(ms: number): boolean {
    return !this.#group.isMember || this.#group.heardMs >= ms;
  }

  /** For how long the group bears not to hear of it. */
  get sessionMs(): number {
    return this.#group.sessionMs;
  }

  /** Undefined where the partition is not read now. */
  state(at: TopicPartition): RawState | undefined {
    return this.core.states.get(partitionName(at));
  }

  committed(partitions: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    const { defaultApiTimeoutMs: timeoutMs } = this.#settings;
    return this.#group.committed(partitions, { timeoutMs });
  }

  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    const { defaultApiTimeoutMs: timeoutMs } = this.#settings;
    await this.#group.commit(offsets, { timeoutMs });
  }

  /** As transactions name it. */
  get metadata(): GroupMetadata {
    const { memberId, generation, instanceId } = this.#group.identity;
    const groupId = this.#settings.groupId!;
    return { groupId, generationId: generation, memberId, groupInstanceId: instanceId };
  }

  /** Leaves the group. */
  async close(timeoutMs: number): Promise<void> {
    await this.#group.close(true, timeoutMs);
    this.core.close();
  }
}

function consumerSettings(
  settings: StreamsSettings,
  part: ClientPart,
  more: Partial<ConsumerSettings>,
): ConsumerSettings {
  const isExact = settings.processingGuarantee === 'exactly_once_v2';
  const own: Partial<ConsumerSettings> = {
    autoOffsetReset: 'earliest',
    isolationLevel: isExact ? 'read_committed' : 'read_uncommitted',
    ...settings.consumer,
    allowAutoCreateTopics: false,
    enableAutoCommit: false,
    ...more,
  };
  const read = readOptions({ ...clientNamed(settings, part), ...own }, CONSUMER_DEFAULTS);
  checkConsumerSettings(read);
  return read;
}
