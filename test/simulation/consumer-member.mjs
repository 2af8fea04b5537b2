/** A consumer of the new protocol (KIP-848), which does at once what it is told. */
import { API, ERROR } from '../../dist/protocol/index.js';
import { GroupMember, PASSING } from './group-member.mjs';

export class ConsumerMember extends GroupMember {
  isOfNewProtocol = true;
  #mustTell = true;

  constructor(world, name, group, topics) {
    super(world, name, group, topics);
    this.memberId = `member-${name}`;
    this.epoch = 0;
  }

  async heartbeat() {
    const isJoin = this.epoch === 0;
    const tells = isJoin || this.#mustTell;
    const answer = await this.#send({
      memberEpoch: this.epoch,
      rebalanceTimeoutMs: tells ? 20_000 : -1,
      subscribedTopicNames: tells ? this.topics.map(({ name }) => name) : null,
      topicPartitions: tells ? this.#report() : null,
    });
    // Whoever had no answer tells all of its state again.
    this.#mustTell = answer === null || answer.errorCode !== ERROR.NONE;
    if (answer === null) return;
    if (answer.errorCode !== ERROR.NONE) {
      this.refused('heartbeat', answer.errorCode);
      if (PASSING.has(answer.errorCode)) return;
      this.loseAll();
      this.epoch = 0;
      return;
    }
    this.heard();
    if (answer.memberEpoch !== this.epoch) {
      this.history.note(`${this.name} is in epoch ${answer.memberEpoch}`);
    }
    this.epoch = answer.memberEpoch;
    if (answer.assignment === null) return;
    const places = answer.assignment.topicPartitions.flatMap(({ topicId, partitions }) => {
      const topic = this.topics.find(({ id }) => id === topicId);
      return topic === undefined ? [] : partitions.map((partition) => topic.places[partition]);
    });
    this.own(places);
    this.#mustTell = true;
  }

  async leave() {
    this.loseAll();
    await this.#send({ memberEpoch: -1 });
  }

  #send(fields) {
    return this.request(API.CONSUMER_GROUP_HEARTBEAT, 1, {
      groupId: this.group,
      memberId: this.memberId,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: null,
      ...fields,
    });
  }

  #report() {
    const all = this.topics.map(({ id, places }) => {
      const own = places.filter((place) => this.owned.has(place));
      return { topicId: id, partitions: own.map(({ partition }) => partition) };
    });
    return all.filter(({ partitions }) => partitions.length > 0);
  }
}
