import { createHash, randomBytes } from 'node:crypto';
import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { ERROR, errorName, isRetriable } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  ConsumerGroupHeartbeatResponse,
  ConsumerGroupHeartbeatResponseTopicPartitions,
} from '../../protocol/schema/68-consumer-group-heartbeat.ts';
import type { GroupCoordinator } from './group-coordinator.ts';
import type { GroupRegister } from './group-register.ts';

export type TopicPartitions = ConsumerGroupHeartbeatResponseTopicPartitions;

/** What a member's owner must do. */
export interface AssignmentOwner {
  /** The topics that the member wants now. */
  topics(): string[];
  /** Stop delivering everything that is not in here; resolves when it is so. */
  keepOnly(assigned: readonly TopicPartitions[]): void;
  /** These are all partitions of the member: start those that are new. */
  assign(assigned: readonly TopicPartitions[], epoch: number): Promise<void>;
  /** The group will have none of it. */
  onRefused(reason: string, retry: boolean): void;
}

const HEARTBEAT_VERSION = 1;
const JOINING = 0;
const LEAVING = -1;
/** A static member that leaves for a while: its partitions wait for it. */
const PAUSING = -2;
const RETRY_MS = 200;
/** The broker asks itself: more often than it asks of clients that are far away. */
const INTERVAL_MS_MAX = 1000;
const REBALANCE_TIMEOUT_MS = 60_000;
const ID_BYTES = 16;
const NOTHING: readonly TopicPartitions[] = [];
/** Beats in a row that failed inside the broker before the member gives up. */
const FAILURES_MAX = 20;

/**
 * One socket's membership in a consumer group of the new protocol, whose coordinator assigns the
 * partitions: the member only says what it wants, beats, and gives up what it is told to.
 */
export class GroupMember {
  readonly groupId: string;
  readonly instanceId: string | null;
  epoch = JOINING;
  readonly memberId: string;
  readonly #coordinator: GroupCoordinator;
  readonly #register: GroupRegister;
  readonly #owner: AssignmentOwner;
  #owned: readonly TopicPartitions[] = NOTHING;
  #target: readonly TopicPartitions[] = NOTHING;
  #told = '';
  #mustTell = true;
  #timer: NodeJS.Timeout | null = null;
  #beating = false;
  #beatAgain = false;
  #failureCount = 0;
  #closed = false;

  constructor(
    coordinator: GroupCoordinator,
    instanceId: string | null,
    /** Who it was on an earlier socket; null: nobody. */
    memberId: string | null,
    register: GroupRegister,
    owner: AssignmentOwner,
  ) {
    this.memberId = memberId ?? newMemberId(coordinator.groupId, instanceId);
    this.groupId = coordinator.groupId;
    this.instanceId = instanceId;
    this.#coordinator = coordinator;
    this.#register = register;
    this.#owner = owner;
    register.add(this);
  }

  start(): void {
    this.beatSoon();
  }

  /** Now, or right after the beat that is on its way. */
  beatSoon(): void {
    if (this.#closed) return;
    if (this.#beating) {
      this.#beatAgain = true;
      return;
    }
    this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      inBackground(this.#beat(), (thrown) => this.#refuse(reasonOf(thrown), true));
    }, delayMs);
  }

  async #beat(): Promise<void> {
    this.#timer = null;
    this.#beating = true;
    let delayMs = RETRY_MS;
    try {
      const answer = await this.#ask();
      if (!this.#closed) delayMs = await this.#take(answer);
      this.#failureCount = 0;
    } catch (thrown) {
      // A log that cannot be opened now, an epoch that moved meanwhile: the next beat tries again.
      if (++this.#failureCount === FAILURES_MAX) this.#refuse(reasonOf(thrown), true);
    }
    this.#beating = false;
    if (this.#closed) return;
    this.#schedule(this.#beatAgain ? 0 : delayMs);
    this.#beatAgain = false;
  }

  /** What was told counts as told only when the coordinator has answered. */
  async #ask(): Promise<ConsumerGroupHeartbeatResponse> {
    const isJoining = this.epoch === JOINING;
    const topics = this.#owner.topics().sort();
    const wanted = topics.join('\n');
    const tellsTopics = isJoining || wanted !== this.#told;
    const tellsOwned = isJoining || this.#mustTell;
    const answer = await this.#coordinator.ask(API.CONSUMER_GROUP_HEARTBEAT, HEARTBEAT_VERSION, {
      groupId: this.groupId,
      memberId: this.memberId,
      memberEpoch: this.epoch,
      instanceId: this.instanceId,
      rackId: null,
      rebalanceTimeoutMs: isJoining ? REBALANCE_TIMEOUT_MS : -1,
      subscribedTopicNames: tellsTopics ? topics : null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: tellsOwned ? this.#owned.map((one) => ({ ...one })) : null,
    });
    this.#told = wanted;
    this.#mustTell = false;
    return answer;
  }

  /** Answers when to beat next. */
  async #take(answer: ConsumerGroupHeartbeatResponse): Promise<number> {
    const { errorCode } = answer;
    if (errorCode === ERROR.FENCED_MEMBER_EPOCH || errorCode === ERROR.UNKNOWN_MEMBER_ID) {
      this.#owner.keepOnly([]);
      this.#owned = NOTHING;
      this.#target = NOTHING;
      this.epoch = JOINING;
      return 0;
    }
    if (errorCode === ERROR.UNRELEASED_INSTANCE_ID) await this.#leave();
    if (errorCode !== 0) {
      const isPassing = isRetriable(errorCode) || errorCode === ERROR.UNRELEASED_INSTANCE_ID;
      if (!isPassing) this.#refuse(answer.errorMessage ?? errorName(errorCode), false);
      this.#mustTell = true;
      this.#told = '';
      return RETRY_MS;
    }
    const moved = answer.memberEpoch !== this.epoch;
    this.epoch = answer.memberEpoch;
    if (answer.assignment !== null) this.#target = answer.assignment.topicPartitions;
    const isNew = this.#target !== this.#owned;
    if (isNew) {
      this.#owner.keepOnly(this.#target);
      await this.#owner.assign(this.#target, this.epoch);
      if (this.#closed) return 0;
      this.#owned = this.#target;
      this.#mustTell = true;
      this.#beatAgain = true;
    }
    if (moved || isNew) this.#register.wakeOthers(this);
    return Math.min(answer.heartbeatIntervalMs, INTERVAL_MS_MAX);
  }

  #refuse(reason: string, retry: boolean): void {
    if (!this.#closed) this.#owner.onRefused(reason, retry);
  }

  /** The same tab came on another socket: this one is gone, though nobody has told us yet. */
  replace(): void {
    this.#refuse('another socket joined in the place of this one', false);
  }

  /** Leaves: for good, or with a name to come back under. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#register.remove(this);
    if (this.epoch === JOINING && !this.#beating) return;
    const left = this.#leave().then(() => this.#register.wakeOthers(this));
    inBackground(left, () => {
      // The coordinator finds out by itself, when the session is over.
    });
  }

  /**
   * After the beat that is on its way, which may still make it a member. Before one: an instance
   * whose broker was killed under it has never left, and would have to wait for its own session.
   */
  async #leave(): Promise<void> {
    await this.#coordinator.ask(API.CONSUMER_GROUP_HEARTBEAT, HEARTBEAT_VERSION, {
      groupId: this.groupId,
      memberId: this.memberId,
      memberEpoch: this.instanceId === null ? LEAVING : PAUSING,
      instanceId: this.instanceId,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
    });
  }
}

/** An instance is the same member whenever it comes, so that it can leave in its own place. */
function newMemberId(groupId: string, instanceId: string | null): string {
  if (instanceId === null) return randomBytes(ID_BYTES).toString('base64url');
  const hash = createHash('sha256').update(JSON.stringify([groupId, instanceId]));
  return hash.digest().subarray(0, ID_BYTES).toString('base64url');
}
