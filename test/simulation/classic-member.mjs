/** A consumer of the classic protocol that gives up everything before it joins again. */
import {
  readAssignment,
  writeAssignment,
} from '../../dist/coordination/group/classic/consumer-protocol.js';
import { API, ERROR } from '../../dist/protocol/index.js';
import { GroupMember, PASSING, SESSION_MS } from './group-member.mjs';

const JOIN_VERSION = 9;
const REBALANCE_MS = 20_000;

export class ClassicMember extends GroupMember {
  isOfNewProtocol = false;
  #mustJoin = true;

  async heartbeat() {
    if (this.#mustJoin) {
      await this.#join();
      return;
    }
    const answer = await this.request(API.HEARTBEAT, 4, {
      groupId: this.group,
      generationId: this.epoch,
      memberId: this.memberId,
      groupInstanceId: null,
    });
    if (answer !== null) this.#judge('heartbeat', answer.errorCode);
  }

  async leave() {
    this.loseAll();
    const members = [{ memberId: this.memberId, groupInstanceId: null, reason: null }];
    await this.request(API.LEAVE_GROUP, 5, { groupId: this.group, members });
  }

  async #join() {
    this.loseAll();
    const answer = await this.request(API.JOIN_GROUP, JOIN_VERSION, {
      groupId: this.group,
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      memberId: this.memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscriptionTo(this.topics) }],
      reason: null,
    });
    if (answer === null) return;
    if (answer.errorCode === ERROR.MEMBER_ID_REQUIRED) {
      this.memberId = answer.memberId;
      return;
    }
    if (!this.#judge('join', answer.errorCode)) return;
    this.memberId = answer.memberId;
    this.epoch = answer.generationId;
    this.history.note(`${this.name} joins generation ${this.epoch}`);
    await this.#sync(answer);
  }

  async #sync({ members, skipAssignment }) {
    const answer = await this.request(API.SYNC_GROUP, 5, {
      groupId: this.group,
      generationId: this.epoch,
      memberId: this.memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: skipAssignment ? [] : this.#shareOut(members),
    });
    if (answer === null || !this.#judge('sync', answer.errorCode)) return;
    const assigned = readAssignment(answer.assignment)?.assignedPartitions ?? [];
    const places = assigned.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => this.placeOf(topic, partition)),
    );
    this.#mustJoin = false;
    this.own(places.filter((place) => place !== undefined));
  }

  #shareOut(members) {
    return members.map(({ memberId }, rank) => {
      const topics = this.topics.map(({ name, places }) => {
        const own = places.filter((_, index) => index % members.length === rank);
        return { topic: name, partitions: own.map(({ partition }) => partition) };
      });
      return { memberId, assignment: writeAssignment(topics, 1) };
    });
  }

  /** True when the answer is a good one. */
  #judge(what, errorCode) {
    if (errorCode === ERROR.NONE) {
      this.heard();
      return true;
    }
    this.refused(what, errorCode);
    if (PASSING.has(errorCode)) return false;
    this.#mustJoin = true;
    if (errorCode === ERROR.REBALANCE_IN_PROGRESS) return false;
    this.loseAll();
    if (errorCode === ERROR.UNKNOWN_MEMBER_ID) this.memberId = '';
    return false;
  }
}

/** Version 0: topics, and no user data. */
function subscriptionTo(topics) {
  const names = topics.map(({ name }) => {
    const bytes = Buffer.from(`  ${name}`);
    bytes.writeInt16BE(name.length);
    return bytes;
  });
  const head = Buffer.alloc(6);
  head.writeInt32BE(names.length, 2);
  return Buffer.concat([head, ...names, Buffer.from([0xff, 0xff, 0xff, 0xff])]);
}
