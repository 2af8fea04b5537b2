/** A thread of a stream processing application (KIP-1071), which does at once what it is told. */
import { API } from '../../dist/protocol/index.js';
import { HeartbeatMember } from './heartbeat-member.mjs';

export class StreamsMember extends HeartbeatMember {
  #tasks = [];

  told(isJoin, tells) {
    return {
      topology: isJoin ? this.#topology() : null,
      activeTasks: tells ? this.#tasks : null,
      standbyTasks: tells ? [] : null,
      warmupTasks: tells ? [] : null,
      processId: isJoin ? `process-${this.name}` : null,
    };
  }

  take({ status, activeTasks }) {
    for (const { statusCode } of status) this.history.count(`status ${statusCode}`);
    if (activeTasks === null) return false;
    this.#take(activeTasks);
    return true;
  }

  drop() {
    this.#take([]);
  }

  /** A task of a subtopology is a partition of the topic that has its number. */
  #take(tasks) {
    this.#tasks = tasks;
    this.own(
      tasks.flatMap(({ subtopologyId, partitions }) => {
        return partitions.map((partition) => this.topics[subtopologyId].places[partition]);
      }),
    );
  }

  /** One subtopology for each topic; the first one keeps state, whose topic has to be made. */
  #topology() {
    const store = { name: `${this.group}-store-changelog`, partitions: 0 };
    const subtopologies = this.topics.map(({ name }, index) => ({
      subtopologyId: String(index),
      sourceTopics: [name],
      sourceTopicRegex: [],
      stateChangelogTopics:
        index === 0 ? [{ ...store, replicationFactor: 1, topicConfigs: [] }] : [],
      repartitionSinkTopics: [],
      repartitionSourceTopics: [],
      copartitionGroups: [],
    }));
    return { epoch: 0, subtopologies };
  }

  send(fields) {
    return this.request(API.STREAMS_GROUP_HEARTBEAT, 0, {
      groupId: this.group,
      memberId: this.memberId,
      endpointInformationEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      topology: null,
      activeTasks: null,
      standbyTasks: null,
      warmupTasks: null,
      processId: null,
      userEndpoint: null,
      clientTags: null,
      taskOffsets: null,
      taskEndOffsets: null,
      shutdownApplication: false,
      ...fields,
    });
  }
}
