/**
 * A member of a group of the new protocol: joins, beats, gives up and takes what it is told to,
 * commits for what it has, leaves now and then, and comes back.
 */
import { API } from '../../dist/protocol/index.js';

const NONE = 0;
const UNKNOWN_MEMBER_ID = 25;
const FENCED_MEMBER_EPOCH = 110;
const UNRELEASED_INSTANCE_ID = 111;
const GROUP_ID_NOT_FOUND = 69;
/** What a client answers with another try: the coordinator is loading or not there yet. */
const PASSING = new Set([14, 15, 16]);
/** The member is to give everything up and to join anew. */
const FENCED = new Set([UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, GROUP_ID_NOT_FOUND]);
const LEAVE_EPOCH = -1;
const STATIC_LEAVE_EPOCH = -2;
const LEAVES_A_BEAT = 0.02;
const REBALANCE_TIMEOUT_MS = 10_000;
export const SESSION_TIMEOUT_MS = 4000;

export class ConsumerMember {
  #random;
  #name;
  #epoch = 0;
  #owned = new Set();
  /** Of the last request that was answered: the broker's session began after it. */
  #beatMs = Number.NEGATIVE_INFINITY;
  /** It has said that it leaves, and may not have been heard. */
  #isLeaving = false;
  #saysAll = true;
  lives = -1;
  stable = 0;
  fenced = 0;

  constructor({ group, name, instanceId, usesRegex, random, leavesABeat = () => LEAVES_A_BEAT }) {
    Object.assign(this, { group, instanceId, usesRegex, leavesABeat });
    this.#name = name;
    this.#random = random;
    this.#beginLife();
  }

  #beginLife() {
    this.memberId = `${this.group.groupId}-${this.#name}-${++this.lives}`;
    this.#epoch = 0;
    this.#isLeaving = false;
  }

  get isWithinSession() {
    return Date.now() - this.#beatMs < SESSION_TIMEOUT_MS;
  }

  /** Until the connection breaks, or `enough` says so. */
  async run(connection, enough = () => false) {
    // What was said last may or may not have been heard.
    this.#saysAll = true;
    let isIn = false;
    while (!connection.failed && !enough()) {
      try {
        if (this.#isLeaving) await this.#leave(connection);
        if (enough()) return;
        const entered = await this.#beat(connection);
        if (entered && !isIn) this.stable++;
        isIn = entered;
        if (isIn) await this.#work(connection);
      } catch (error) {
        if (connection.failed) return;
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #send(connection, fields) {
    const { group, memberId, instanceId } = this;
    const sentMs = Date.now();
    const answer = await connection.send(API.CONSUMER_GROUP_HEARTBEAT, 1, {
      groupId: group.groupId,
      memberId,
      memberEpoch: this.#epoch,
      instanceId,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
      ...fields,
    });
    const { errorCode } = answer;
    if (FENCED.has(errorCode)) this.#checkFencing(errorCode, answer.errorMessage);
    if (errorCode === NONE) this.#beatMs = sentMs;
    return answer;
  }

  /** No kill may make the broker forget a member whose session still runs. */
  #checkFencing(errorCode, message) {
    if (this.#epoch > 0 && !this.#isLeaving && this.isWithinSession) {
      const mayMissEpochs = errorCode === FENCED_MEMBER_EPOCH;
      if (!mayMissEpochs) throw new Error(`${this.memberId} was forgotten: ${message}`);
    }
    // Members of the classic protocol are no reason to keep one of the new one out.
    if (errorCode === GROUP_ID_NOT_FOUND && this.#epoch === 0 && !this.#isLeaving) {
      throw new Error(`${this.memberId} was not let in: ${message}`);
    }
    this.fenced++;
  }

  /** True where the member is in the group afterwards. */
  async #beat(connection) {
    const answer = await this.#send(connection, this.#news());
    const { errorCode, memberEpoch, assignment } = answer;
    if (FENCED.has(errorCode)) {
      this.#release([...this.#owned]);
      this.#epoch = 0;
      return false;
    }
    if (PASSING.has(errorCode) || errorCode === UNRELEASED_INSTANCE_ID) return false;
    if (errorCode !== NONE) {
      throw new Error(`${this.memberId}: heartbeat ${errorCode}: ${answer.errorMessage}`);
    }
    if (memberEpoch < this.#epoch) {
      throw new Error(`${this.memberId}: from epoch ${this.#epoch} back to ${memberEpoch}`);
    }
    this.#epoch = memberEpoch;
    this.#saysAll = false;
    if (assignment !== null) this.#take(assignment.topicPartitions);
    return true;
  }

  #news() {
    const topicPartitions = this.#report();
    if (!this.#saysAll && this.#epoch > 0) return { topicPartitions };
    const { topic } = this.group.shared;
    return {
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      subscribedTopicNames: this.usesRegex ? [] : [topic],
      subscribedTopicRegex: this.usesRegex ? `${topic.slice(0, -1)}.*` : null,
      serverAssignor: this.group.assignor,
      topicPartitions,
    };
  }

  #report() {
    if (this.#owned.size === 0 || this.#epoch === 0) return [];
    return [{ topicId: this.group.shared.topicId, partitions: [...this.#owned] }];
  }

  #take(topicPartitions) {
    const wanted = new Set(topicPartitions.flatMap(({ partitions }) => partitions));
    const isKnown = ({ topicId }) => topicId === this.group.shared.topicId;
    if (!topicPartitions.every(isKnown)) {
      throw new Error(`${this.memberId}: unknown topics in ${JSON.stringify(topicPartitions)}`);
    }
    this.#release([...this.#owned].filter((partition) => !wanted.has(partition)));
    for (const partition of wanted) {
      if (this.#owned.has(partition)) continue;
      this.group.claim(this, partition);
      this.#owned.add(partition);
    }
  }

  #release(partitions) {
    for (const partition of partitions) {
      this.group.release(this, partition);
      this.#owned.delete(partition);
    }
  }

  async #work(connection) {
    for (const partition of [...this.#owned]) {
      const { memberId, instanceId: groupInstanceId } = this;
      const identity = { memberId, generationId: this.#epoch, groupInstanceId };
      const error = await this.group.committers[partition].commit(connection, identity);
      if (error === NONE) continue;
      if (error === UNKNOWN_MEMBER_ID && !this.isWithinSession) return;
      throw new Error(`${memberId}: commit of ${partition} at epoch ${this.#epoch}: ${error}`);
    }
    if (this.#random() < this.leavesABeat()) await this.#leave(connection);
  }

  /** A static member that goes is expected back under another member id. */
  async #leave(connection) {
    this.#isLeaving = true;
    this.#release([...this.#owned]);
    const memberEpoch = this.instanceId === null ? LEAVE_EPOCH : STATIC_LEAVE_EPOCH;
    const answer = await this.#send(connection, { memberEpoch });
    if (PASSING.has(answer.errorCode)) return;
    if (answer.errorCode !== NONE && !FENCED.has(answer.errorCode)) {
      throw new Error(`${this.memberId}: leave ${answer.errorCode}: ${answer.errorMessage}`);
    }
    this.#beginLife();
    this.#saysAll = true;
  }
}
