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
  /** Stops the delivery of every partition that is not in `assigned`. */
  keepOnly(assigned: readonly TopicPartitions[]): void;
  /**
   * Starts the partitions that are new. `assigned` names all partitions of the member. Resolves to
   * false where it cannot be known yet where they start, and is called again.
   */
  assign(assigned: readonly TopicPartitions[], epoch: number): Promise<boolean>;
  /** Called when the group refuses this member for good. */
  onRefused(reason: string, retry: boolean): void;
}

const HEARTBEAT_VERSION = 1;
const JOINING = 0;
const LEAVING = -1;
/** The epoch with which a static member leaves for a while. Its partitions wait for it. */
const PAUSING = -2;
const RETRY_MS = 200;
/** A heartbeat stays inside the broker, so it may come more often than a remote client's. */
const INTERVAL_MS_MAX = 1000;
const REBALANCE_TIMEOUT_MS = 60_000;
const ID_BYTES = 16;
const NOTHING: readonly TopicPartitions[] = [];
/** After so many heartbeats in a row that failed inside the broker the member gives up. */
const FAILURES_MAX = 20;

/**
 * One socket's membership in a consumer group of the new protocol. The coordinator assigns the
 * partitions. The member names its topics, sends heartbeats and gives up what it is told to give
 * up.
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
    /** The member id that it had on an earlier socket; null if there was none. */
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

  /** Sends a heartbeat now. If one is on its way, the next follows right after it. */
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
      // The cause may pass: a log that cannot be opened now, or an epoch that changed meanwhile.
      if (++this.#failureCount === FAILURES_MAX) this.#refuse(reasonOf(thrown), true);
    }
    this.#beating = false;
    if (this.#closed) return;
    this.#schedule(this.#beatAgain ? 0 : delayMs);
    this.#beatAgain = false;
  }

  /** Topics and partitions count as told only when the coordinator has answered. */
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

  /** Answers after how many milliseconds the next heartbeat is due. */
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
      const isStarted = await this.#owner.assign(this.#target, this.epoch);
      if (this.#closed) return 0;
      if (!isStarted) return RETRY_MS;
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

  /**
   * Called when the same member joins on another socket. This socket is gone, but its end was not
   * seen yet.
   */
  replace(): void {
    this.#refuse('another socket joined as this member', false);
  }

  /** Leaves the group. A member with an instance name leaves only for a while. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#register.remove(this);
    if (this.epoch === JOINING && !this.#beating) return;
    const left = this.#leave().then(() => this.#register.wakeOthers(this));
    inBackground(left, () => {
      // The coordinator notices by itself when the session ends.
    });
  }

  /**
   * `close` calls it behind a heartbeat on its way, which may still make this a member. A joining
   * instance calls it when its id is not released: its broker was killed before it could leave, and
   * without this call it would wait for its own session to end.
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

/** An instance has the same member id each time it comes, so that it can leave for its old self. */
function newMemberId(groupId: string, instanceId: string | null): string {
  if (instanceId === null) return randomBytes(ID_BYTES).toString('base64url');
  const hash = createHash('sha256').update(JSON.stringify([groupId, instanceId]));
  return hash.digest().subarray(0, ID_BYTES).toString('base64url');
}
