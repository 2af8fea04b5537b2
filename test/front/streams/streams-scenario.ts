import { setTimeout as delay } from 'node:timers/promises';
import { API } from '../../../src/protocol/api-keys.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatResponse,
} from '../../../src/protocol/schema/88-streams-group-heartbeat.ts';
import type { ToldSubtopology } from '../../support/told-topology.ts';
import { toldSubtopology, topicInfo } from '../../support/told-topology.ts';
import type { WireClient } from '../../support/wire-client.ts';

type Fields = Partial<StreamsGroupHeartbeatRequest>;

/** Every answer by what it is about, in the order in which they came. */
export type Answers = [what: string, answer: unknown][];

/** So that a heartbeat gets a new assignment at once. */
export const SCENARIO_CONFIG = {
  'group.streams.initial.rebalance.delay.ms': '0',
  'group.streams.assignment.interval.ms': '0',
  'offsets.topic.num.partitions': '1',
};

const GROUP = 'group';
const TRIES = 100;
const PAUSE_MS = 100;
const GROUP_ID_NOT_FOUND = 69;

function join(...subtopologies: ToldSubtopology[]): Fields {
  return {
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    topology: { epoch: 0, subtopologies },
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    processId: 'one',
  };
}

const store = topicInfo('store', 0, { 'cleanup.policy': 'compact' });
const APPLICATION = [
  toldSubtopology('0', ['in'], { repartitionSinkTopics: ['by-key'] }),
  toldSubtopology('1', ['late'], {
    repartitionSourceTopics: [topicInfo('by-key')],
    stateChangelogTopics: [store],
  }),
];

/** The life of a streams group, with what may be asked of it, over the wire. */
export class StreamsScenario {
  readonly #client: WireClient;
  readonly answers: Answers = [];

  constructor(client: WireClient) {
    this.#client = client;
  }

  async play(): Promise<Answers> {
    await this.#makeTopic('in', 3);
    await this.#makeTopic('big', 5);
    await this.#untilServed();
    await this.#refusals();
    const epoch = await this.#becomeReady();
    await this.#wrongEpochs(epoch);
    const [one, other] = await this.#share(epoch);
    await this.#offsets(one);
    await this.#otherApis();
    await this.#end(other);
    await this.#otherTopologies();
    return this.answers;
  }

  async beat(what: string, fields: Fields): Promise<StreamsGroupHeartbeatResponse> {
    const answer = await this.#client.ask(API.STREAMS_GROUP_HEARTBEAT, 0, {
      groupId: GROUP,
      memberId: 'first',
      memberEpoch: 0,
      endpointInformationEpoch: -1,
      ...fields,
    });
    this.answers.push([what, inOrder(answer)]);
    return answer;
  }

  async #describe(what: string, ...groupIds: string[]): Promise<void> {
    const request = { groupIds, includeAuthorizedOperations: true };
    const answer = await this.#client.ask(API.STREAMS_GROUP_DESCRIBE, 0, request);
    answer.groups.sort(by('groupId'));
    for (const { members } of answer.groups) members.sort(by('memberId'));
    this.answers.push([what, answer.groups]);
  }

  async #makeTopic(name: string, numPartitions: number): Promise<void> {
    const topic = { name, numPartitions, replicationFactor: 1, assignments: [], configs: [] };
    const request = { topics: [topic], timeoutMs: 10_000, validateOnly: false };
    await this.#client.ask(API.CREATE_TOPICS, 7, request);
  }

  async #untilServed(): Promise<void> {
    await this.#until(async () => {
      const find = { keyType: 0, coordinatorKeys: [GROUP] };
      await this.#client.ask(API.FIND_COORDINATOR, 4, find);
      const request = { groupIds: [GROUP], includeAuthorizedOperations: false };
      const { groups } = await this.#client.ask(API.STREAMS_GROUP_DESCRIBE, 0, request);
      return groups[0]!.errorCode === GROUP_ID_NOT_FOUND;
    });
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    for (let i = 0; i < TRIES; i++) {
      if (await isSo()) return;
      await delay(PAUSE_MS);
    }
    throw new Error('it does not come to be so');
  }

  async #refusals(): Promise<void> {
    await this.#describe('no group', GROUP, '');
    const all = join(...APPLICATION);
    await this.beat('no member id', { ...all, memberId: '' });
    await this.beat('a static member', { ...all, instanceId: 'i' });
    await this.beat(
      'a sized changelog',
      join(toldSubtopology('0', ['in'], { stateChangelogTopics: [topicInfo('s', 3)] })),
    );
    await this.beat(
      'a regular expression',
      join(toldSubtopology('0', ['in'], { sourceTopicRegex: ['a.*'] })),
    );
    await this.beat('an internal topic', join(toldSubtopology('0', ['__consumer_offsets'])));
    await this.beat('a bad name', join(toldSubtopology('0', ['a/b'])));
    await this.beat('an unknown group', { memberEpoch: 3 });
    await this.beat('leaving an unknown group', { memberEpoch: -1 });
    await this.beat('an epoch below all', { memberEpoch: -3 });
    await this.beat('no source', join(toldSubtopology('0', [])));
    const unwritten = { repartitionSourceTopics: [topicInfo('unwritten')] };
    await this.beat('what nobody writes', join(toldSubtopology('0', ['in'], unwritten)));
    await this.#describe('no group yet', GROUP);
  }

  /** The epoch at which the first member has all tasks. */
  async #becomeReady(): Promise<number> {
    const clientTags = ['z', 'a'].map((key) => ({ key, value: key }));
    await this.beat('joining without a source', { ...join(...APPLICATION), clientTags });
    await this.#describe('without a source', GROUP);
    await this.beat('still without', { memberEpoch: 2 });
    await this.#makeTopic('late', 2);
    await this.#until(() => this.#has(2, ({ status }) => status![0]?.statusCode === 3));
    await this.#until(() => this.#has(3, ({ status }) => status!.length === 0));
    await this.beat('ready', { memberEpoch: 3 });
    await this.#describe('all topics', GROUP);
    return 4;
  }

  /** Asks without writing down how often. */
  async #has(
    memberEpoch: number,
    isSo: (answer: StreamsGroupHeartbeatResponse) => boolean,
  ): Promise<boolean> {
    const answer = await this.beat('', { memberEpoch });
    this.answers.pop();
    return isSo(answer);
  }

  async #wrongEpochs(memberEpoch: number): Promise<void> {
    const none = { standbyTasks: [], warmupTasks: [] };
    const tasks = (subtopologyId: string, partition: number) => {
      return { ...none, activeTasks: [{ subtopologyId, partitions: [partition] }] };
    };
    await this.beat('an unknown subtopology', { memberEpoch, ...tasks('9', 0) });
    await this.beat('an unknown partition', { memberEpoch, ...tasks('0', 3) });
    await this.beat('a greater epoch', { memberEpoch: memberEpoch + 1 });
    await this.beat('a smaller epoch', { memberEpoch: memberEpoch - 1 });
    await this.beat('one kind of tasks only', { memberEpoch, activeTasks: [] });
    await this.beat('another topology', {
      ...join(toldSubtopology('0', ['in'])),
      memberId: 'second',
    });
  }

  /** A second member comes. Answers the epochs of both. */
  async #share(memberEpoch: number): Promise<[one: number, other: number]> {
    const second = { memberId: 'second', processId: 'two' };
    const userEndpoint = { host: 'host', port: 2 };
    const joined = await this.beat('the second joins', {
      ...join(...APPLICATION),
      ...second,
      userEndpoint,
    });
    await this.#describe('one waits', GROUP);
    const none = { standbyTasks: [], warmupTasks: [] };
    const all = [
      { subtopologyId: '0', partitions: [0, 1, 2] },
      { subtopologyId: '1', partitions: [0, 1, 2] },
    ];
    const told = await this.beat('the first is told', { memberEpoch, activeTasks: all, ...none });
    await this.#describe('one gives up', GROUP);
    const { memberEpoch: at, activeTasks } = told;
    const gave = await this.beat('the first has given up', {
      memberEpoch: at,
      activeTasks,
      ...none,
    });
    const got = await this.beat('the second gets', {
      ...second,
      memberEpoch: joined.memberEpoch,
      endpointInformationEpoch: 1,
    });
    await this.beat('of endpoints', { memberEpoch: gave.memberEpoch, endpointInformationEpoch: 0 });
    await this.#describe('both', GROUP);
    await this.beat('shutting down', { memberEpoch: gave.memberEpoch, shutdownApplication: true });
    await this.beat('the second hears', { ...second, memberEpoch: got.memberEpoch });
    return [gave.memberEpoch, got.memberEpoch];
  }

  async #offsets(epoch: number): Promise<void> {
    const commit = async (what: string, memberId: string, at: number, name = 'in', version = 9) => {
      const partition = { partitionIndex: 0, committedOffset: 1, committedMetadata: '' };
      const request = { groupId: GROUP, memberId, generationIdOrMemberEpoch: at };
      const topics = [{ name, partitions: [partition] }];
      const answer = await this.#client.ask(API.OFFSET_COMMIT, version, { ...request, topics });
      this.answers.push([what, answer.topics[0]!.partitions]);
    };
    await commit('a commit', 'first', epoch);
    await commit('at the epoch of its task', 'first', epoch - 1);
    await commit('at a later epoch', 'first', epoch + 1);
    await commit('of a stranger', 'nobody', 1);
    await commit('without a member', '', -1);
    await commit('by an old version', 'first', epoch, 'in', 8);
    await commit('of another topic', 'first', epoch - 1, 'big');
    const fetch = async (what: string, memberId: string | null, memberEpoch: number) => {
      const groups = [{ groupId: GROUP, memberId, memberEpoch, topics: null }];
      const answer = await this.#client.ask(API.OFFSET_FETCH, 9, { groups, requireStable: false });
      this.answers.push([what, answer.groups]);
    };
    await fetch('reading', 'first', epoch);
    await fetch('reading at an old epoch', 'first', epoch - 1);
    await fetch('reading of a stranger', 'nobody', 1);
    await fetch('reading of an administrator', null, -1);
  }

  async #otherApis(): Promise<void> {
    const client = this.#client;
    const tell = (what: string, answer: unknown) => this.answers.push([what, answer]);
    const list = { statesFilter: [], typesFilter: ['streams'] };
    tell('listed', (await client.ask(API.LIST_GROUPS, 5, list)).groups);
    const describe = { groups: [GROUP], includeAuthorizedOperations: false };
    tell('described as a classic one', (await client.ask(API.DESCRIBE_GROUPS, 6, describe)).groups);
    tell('deleted too early', await client.ask(API.DELETE_GROUPS, 2, { groupsNames: [GROUP] }));
    const { errorCode, memberId } = await client.ask(API.JOIN_GROUP, 9, {
      groupId: GROUP,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    });
    tell('joined by a classic member', { errorCode, memberId });
    const member = { groupId: GROUP, generationId: 1, memberId: 'first', groupInstanceId: null };
    tell('a classic heartbeat', await client.ask(API.HEARTBEAT, 4, member));
    const members = [{ memberId: 'first', groupInstanceId: null, reason: null }];
    tell('a classic leave', await client.ask(API.LEAVE_GROUP, 5, { groupId: GROUP, members }));
    const topics = [{ name: 'in', partitions: [{ partitionIndex: 0 }] }];
    tell('offsets deleted', await client.ask(API.OFFSET_DELETE, 0, { groupId: GROUP, topics }));
  }

  async #end(memberEpoch: number): Promise<void> {
    await this.beat('leaving', { memberEpoch: -1 });
    await this.beat('leaving again', { memberEpoch: -1 });
    await this.beat('the second alone', { memberId: 'second', memberEpoch });
    await this.#describe('one is left', GROUP);
    await this.beat('the second leaves', { memberId: 'second', memberEpoch: -1 });
    await this.#describe('nobody', GROUP);
    const deleted = await this.#client.ask(API.DELETE_GROUPS, 2, { groupsNames: [GROUP] });
    this.answers.push(['deleted', deleted]);
  }

  async #otherTopologies(): Promise<void> {
    const copartitionGroups = [
      { sourceTopics: [0, 1], sourceTopicRegex: [], repartitionSourceTopics: [] },
    ];
    const mixed = join(toldSubtopology('0', ['in', 'big'], { copartitionGroups }));
    await this.beat('joined topics of two sizes', { ...mixed, groupId: 'mixed' });
    await this.#describe('of two sizes', 'mixed');
    const topology = { epoch: 2, subtopologies: [toldSubtopology('0', ['in'])] };
    const later = { ...join(), topology, groupId: 'later' };
    await this.beat('a later topology', later);
    const stale = { ...join(toldSubtopology('0', ['big'])), memberId: 'second', groupId: 'later' };
    await this.beat('an older topology', stale);
  }
}

function by<Name extends string>(name: Name) {
  return (one: Record<Name, string>, other: Record<Name, string>) => {
    return one[name] < other[name] ? -1 : 1;
  };
}

/** Kafka tells topics and subtopologies in the order of its maps. */
function inOrder(answer: StreamsGroupHeartbeatResponse): StreamsGroupHeartbeatResponse {
  answer.activeTasks?.sort(by('subtopologyId'));
  for (const { activePartitions } of answer.partitionsByUserEndpoint ?? []) {
    activePartitions.sort(by('topic'));
  }
  return answer;
}
