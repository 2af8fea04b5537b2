/** A thread of a stream processing application (KIP-1071), which does at once what it is told. */
import { API, ERROR } from '../../dist/protocol/index.js';
import { GroupMember, PASSING } from './group-member.mjs';

export class StreamsMember extends GroupMember {
  isOfNewProtocol = true;
  #mustTell = true;
  #tasks = [];

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
      topology: isJoin ? this.#topology() : null,
      activeTasks: tells ? this.#tasks : null,
      standbyTasks: tells ? [] : null,
      warmupTasks: tells ? [] : null,
      processId: isJoin ? `process-${this.name}` : null,
    });
    // Whoever had no answer tells all of its state again.
    this.#mustTell = answer === null || answer.errorCode !== ERROR.NONE;
    if (answer === null) return;
    if (answer.errorCode !== ERROR.NONE) {
      this.refused('heartbeat', answer.errorCode);
      if (PASSING.has(answer.errorCode)) return;
      this.#take([]);
      this.epoch = 0;
      return;
    }
    this.heard();
    if (answer.memberEpoch !== this.epoch) {
      this.history.note(`${this.name} is in epoch ${answer.memberEpoch}`);
    }
    this.epoch = answer.memberEpoch;
    for (const { statusCode } of answer.status) this.history.count(`status ${statusCode}`);
    if (answer.activeTasks === null) return;
    this.#take(answer.activeTasks);
    this.#mustTell = true;
  }

  async leave() {
    this.#take([]);
    await this.#send({ memberEpoch: -1 });
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

  #send(fields) {
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
