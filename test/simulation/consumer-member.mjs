/** A consumer of the new protocol (KIP-848), which does at once what it is told. */
import { API } from '../../dist/protocol/index.js';
import { HeartbeatMember } from './heartbeat-member.mjs';

export class ConsumerMember extends HeartbeatMember {
  told(_isJoin, tells) {
    return {
      subscribedTopicNames: tells ? this.topics.map(({ name }) => name) : null,
      topicPartitions: tells ? this.#report() : null,
    };
  }

  take({ assignment }) {
    if (assignment === null) return false;
    const places = assignment.topicPartitions.flatMap(({ topicId, partitions }) => {
      const topic = this.topics.find(({ id }) => id === topicId);
      return topic === undefined ? [] : partitions.map((partition) => topic.places[partition]);
    });
    this.own(places);
    return true;
  }

  drop() {
    this.loseAll();
  }

  send(fields) {
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
