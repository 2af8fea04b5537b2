/**
 * What members of both protocols do: with a partition that becomes theirs they ask for its committed
 * offset, go on from there, and commit now and then.
 */
import { API, ERROR } from '../../dist/protocol/index.js';
import { Client } from './client.mjs';

const COMMIT_VERSION = 9;
const FETCH_VERSION = 9;
export const HEARTBEAT_MS = 50;
export const SESSION_MS = 10_000;

/** The coordinator says so while it moves, loads, or cannot write. */
export const PASSING = new Set([
  ERROR.COORDINATOR_NOT_AVAILABLE,
  ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  ERROR.NOT_COORDINATOR,
  ERROR.KAFKA_STORAGE_ERROR,
  ERROR.REQUEST_TIMED_OUT,
  ERROR.NOT_ENOUGH_REPLICAS,
  ERROR.NOT_LEADER_OR_FOLLOWER,
]);
/** The member is behind and learns more with its next heartbeat. */
const BEHIND = new Set([
  ERROR.ILLEGAL_GENERATION,
  ERROR.UNKNOWN_MEMBER_ID,
  ERROR.REBALANCE_IN_PROGRESS,
  ERROR.STALE_MEMBER_EPOCH,
  ERROR.FENCED_MEMBER_EPOCH,
]);
const GONE = new Set([ERROR.UNKNOWN_TOPIC_OR_PARTITION, ERROR.UNKNOWN_TOPIC_ID]);

export class GroupMember extends Client {
  memberId = '';
  /** Generation of the classic protocol, member epoch of the new one. */
  epoch = -1;
  heardMs = 0;
  sessionMs = SESSION_MS;
  /** By place: the next offset, or -1 while the committed one is not known yet. */
  owned = new Map();
  name;
  group;
  topics;

  constructor(world, name, group, topics) {
    super(world);
    Object.assign(this, { name, group, topics });
  }

  async live() {
    await this.#findCoordinator();
    const leavesAt = this.random.chance(0.3) ? this.random.below(600) : Number.POSITIVE_INFINITY;
    const untilMs = this.world.loop.nowMs + leavesAt;
    while (!this.isStopped) {
      if (this.world.loop.nowMs > untilMs && !this.world.isCalm) {
        await this.leave();
        return;
      }
      await this.heartbeat();
      if (this.random.chance(0.5)) await this.#work();
      await this.world.loop.sleep(this.random.below(HEARTBEAT_MS));
    }
  }

  async #findCoordinator() {
    const body = { keyType: 0, coordinatorKeys: [this.group] };
    for (;;) {
      const { coordinators } = await this.ask(API.FIND_COORDINATOR, 4, body);
      if (coordinators[0].errorCode === ERROR.NONE) return;
      await this.pause();
    }
  }

  heard() {
    this.heardMs = this.world.loop.nowMs;
  }

  /** From here on these are its own, and no others. */
  own(places) {
    for (const place of [...this.owned.keys()]) if (!places.includes(place)) this.lose(place);
    for (const place of places) {
      if (this.owned.has(place)) continue;
      this.world.ownership.claim(this.group, place, this);
      this.owned.set(place, -1);
    }
  }

  loseAll() {
    for (const place of [...this.owned.keys()]) this.lose(place);
  }

  lose(place) {
    this.owned.delete(place);
    this.world.ownership.release(this.group, place, this);
  }

  placeOf(topicName, partition) {
    const topic = this.topics.find(({ name }) => name === topicName);
    return topic?.places[partition];
  }

  async #work() {
    for (const [place, offset] of [...this.owned]) {
      if (offset < 0) await this.#askOffset(place);
      else await this.#commit(place, offset);
    }
  }

  async #askOffset(place) {
    const { committed } = this.history.commitOf(this.group, place);
    const topics = [{ name: place.topic.name, partitionIndexes: [place.partition] }];
    const isNew = this.isOfNewProtocol;
    const identity = isNew ? { memberId: this.memberId, memberEpoch: this.epoch } : ANYBODY;
    const groups = [{ groupId: this.group, ...identity, topics }];
    const answer = await this.request(API.OFFSET_FETCH, FETCH_VERSION, {
      groups,
      requireStable: false,
    });
    if (answer === null) return;
    const [group] = answer.groups;
    const result = group.topics[0]?.partitions[0];
    const errorCode = group.errorCode || (result?.errorCode ?? 0);
    if (errorCode !== ERROR.NONE) {
      this.refused('offset fetch', errorCode);
      return;
    }
    this.history.fetchedCommit(this.group, place, result.committedOffset, committed);
    if (this.owned.has(place)) this.owned.set(place, Math.max(0, result.committedOffset));
  }

  async #commit(place, offset) {
    const { highWatermark } = this.history.partition(place.topicId, place.partition);
    if (highWatermark <= offset) return;
    const next = this.random.between(offset + 1, highWatermark);
    const partition = { partitionIndex: place.partition, committedOffset: next };
    const partitions = [{ ...partition, committedLeaderEpoch: -1, committedMetadata: '' }];
    const answer = await this.request(API.OFFSET_COMMIT, COMMIT_VERSION, {
      groupId: this.group,
      generationIdOrMemberEpoch: this.epoch,
      memberId: this.memberId,
      groupInstanceId: null,
      topics: [{ name: place.topic.name, partitions }],
    });
    if (answer === null) {
      // It may have been taken: what is committed is asked for again.
      if (this.owned.has(place)) this.owned.set(place, -1);
      return;
    }
    const { errorCode } = answer.topics[0].partitions[0];
    if (errorCode === ERROR.NONE) {
      this.history.committed(this.group, place, next);
      if (this.owned.has(place)) this.owned.set(place, next);
    } else {
      this.refused('commit', errorCode);
    }
  }

  refused(what, errorCode) {
    this.history.note(`${this.name}: ${what} refused: ${errorCode}`);
    this.history.count(`${what} ${errorCode}`);
    if (PASSING.has(errorCode) || BEHIND.has(errorCode)) return;
    if (GONE.has(errorCode) && this.topics.some(({ mayBeGone }) => mayBeGone)) return;
    this.history.fail(`${this.name}: ${what} is refused with ${errorCode}`);
  }
}

const ANYBODY = { memberId: null, memberEpoch: -1 };
