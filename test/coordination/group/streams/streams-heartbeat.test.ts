import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { API } from '../../../../src/protocol/api-keys.ts';
import { Harness, joinRequest } from '../harness.ts';
import {
  describeStreams,
  makeTopics,
  StreamsClient,
  settleStreams,
  simpleTopology,
  subtopology,
} from '../streams-client.ts';

function harnessWith(topics: Record<string, number>, settings = {}): Harness {
  const harness = new Harness({
    streamsInitialRebalanceDelayMs: () => 0,
    streamsAssignmentIntervalMs: () => 0,
    ...settings,
  });
  for (const [name, partitions] of Object.entries(topics)) harness.topics.add(name, partitions);
  return harness;
}

describe('a member of a streams group', () => {
  it('is given the tasks of the topology when it joins', () => {
    const harness = harnessWith({ topic: 3 });
    const client = new StreamsClient(harness).heartbeat();
    expect(client.last).toMatchObject({
      errorCode: 0,
      memberId: client.memberId,
      memberEpoch: 2,
      heartbeatIntervalMs: 5_000,
      status: [],
      activeTasks: [{ subtopologyId: '0', partitions: [0, 1, 2] }],
      standbyTasks: [],
      warmupTasks: [],
    });
    client.heartbeat();
    expect(client.last).toMatchObject({ memberEpoch: 2, activeTasks: null, status: [] });
    expect(describeStreams(harness)).toMatchObject({
      groupState: 'Stable',
      groupEpoch: 2,
      assignmentEpoch: 2,
      topology: { epoch: 0, subtopologies: [{ subtopologyId: '0', sourceTopics: ['topic'] }] },
    });
  });

  it('gives up tasks before another member gets them', () => {
    const harness = harnessWith({ topic: 4 });
    const first = new StreamsClient(harness).heartbeat();
    const second = new StreamsClient(harness).heartbeat();
    expect(second.active.size).toBe(0);
    expect(second.epoch).toBe(3);
    first.heartbeat();
    expect([...first.active]).toHaveLength(2);
    expect(first.epoch).toBe(2);
    second.heartbeat();
    expect(second.active.size).toBe(0);
    expect(describeStreams(harness).groupState).toBe('Reconciling');
    first.heartbeat();
    expect(first.epoch).toBe(3);
    second.heartbeat();
    expect([...second.active]).toHaveLength(2);
    expect(describeStreams(harness).groupState).toBe('Stable');
  });

  it('is fenced when it does not give up tasks in time', () => {
    const harness = harnessWith({ topic: 2 }, { streamsSessionTimeoutMs: () => 600_000 });
    const first = new StreamsClient(harness).heartbeat();
    new StreamsClient(harness).heartbeat();
    first.heartbeat();
    harness.advance(59_000);
    expect(describeStreams(harness).members).toHaveLength(2);
    harness.advance(2_000);
    expect(describeStreams(harness).members).toHaveLength(1);
    expect(first.send().errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it('is fenced when its session ends', () => {
    const harness = harnessWith({ topic: 2 });
    const client = new StreamsClient(harness).heartbeat();
    harness.advance(44_000);
    client.heartbeat();
    harness.advance(44_000);
    expect(harness.stateOf()).toBe('Stable');
    harness.advance(2_000);
    expect(harness.stateOf()).toBe('Empty');
  });

  it('leaves, and its tasks go to the others', () => {
    const harness = harnessWith({ topic: 2 });
    const clients = [new StreamsClient(harness), new StreamsClient(harness)];
    settleStreams(clients);
    clients[0]!.leave();
    expect(clients[0]!.last).toMatchObject({ errorCode: 0, memberEpoch: -1, status: [] });
    clients[1]!.heartbeat();
    expect([...clients[1]!.active].sort()).toEqual(['0:0', '0:1']);
  });

  it('with a wrong epoch is fenced, unless it may have missed the last answer', () => {
    const harness = harnessWith({ topic: 2 });
    const client = new StreamsClient(harness).heartbeat();
    const other = new StreamsClient(harness);
    settleStreams([client, other]);
    const { epoch } = client;
    expect(client.send({ memberEpoch: epoch + 1 }).errorCode).toBe(ERROR.FENCED_MEMBER_EPOCH);
    expect(client.send({ memberEpoch: epoch - 1 }).errorCode).toBe(ERROR.FENCED_MEMBER_EPOCH);
    const retried = client.send({ memberEpoch: epoch - 1, ...client.report() });
    expect(retried).toMatchObject({ errorCode: 0, memberEpoch: epoch });
    const reported = { ...client.report(), activeTasks: other.report().activeTasks };
    expect(client.send({ memberEpoch: epoch - 1, ...reported }).errorCode).toBe(
      ERROR.FENCED_MEMBER_EPOCH,
    );
  });

  it('that reports tasks which the topology does not have is refused', () => {
    const harness = harnessWith({ topic: 2 });
    const client = new StreamsClient(harness).heartbeat();
    const report = (subtopologyId: string, partition: number) => {
      return client.send({
        activeTasks: [{ subtopologyId, partitions: [partition] }],
        standbyTasks: [],
        warmupTasks: [],
      }).errorMessage;
    };
    expect(report('7', 0)).toBe('Subtopology 7 does not exist in the topology.');
    expect(report('0', 2)).toContain('Number of tasks for this subtopology: 2');
  });

  it('may shut down the whole application', () => {
    const harness = harnessWith({ topic: 2 });
    const [one, other] = [new StreamsClient(harness), new StreamsClient(harness)];
    settleStreams([one, other]);
    one.heartbeat({ shutdownApplication: true });
    expect(one.statuses()).toEqual([4]);
    other.heartbeat();
    expect(other.last.status).toEqual([
      {
        statusCode: 4,
        statusDetail:
          `Streams group member ${one.memberId} encountered a fatal error and requested a ` +
          'shutdown for the entire application.',
      },
    ]);
    one.leave();
    other.leave();
    expect(new StreamsClient(harness).heartbeat().statuses()).toEqual([]);
  });

  it('tells of its endpoint, and hears of those of the others', () => {
    const harness = harnessWith({ topic: 2 });
    const one = new StreamsClient(harness, { endpoint: { host: 'one', port: 1 } });
    const other = new StreamsClient(harness, { endpoint: { host: 'other', port: 2 } });
    settleStreams([one, other]);
    const told = one.send({ endpointInformationEpoch: -1 });
    expect(told.endpointInformationEpoch).toBeGreaterThan(0);
    const found = told.partitionsByUserEndpoint!.map(({ userEndpoint, activePartitions }) => {
      return [
        userEndpoint.host,
        activePartitions[0]!.topic,
        activePartitions[0]!.partitions.length,
      ];
    });
    expect(found).toEqual([
      ['other', 'topic', 1],
      ['one', 'topic', 1],
    ]);
    const again = one.send({ endpointInformationEpoch: told.endpointInformationEpoch });
    expect(again.partitionsByUserEndpoint).toBeNull();
  });
});

describe('the topology of a streams group', () => {
  it('waits for its source topics', () => {
    const harness = harnessWith({});
    const client = new StreamsClient(harness).heartbeat();
    expect(client.last).toMatchObject({
      status: [{ statusCode: 1, statusDetail: 'Source topics topic are missing.' }],
      activeTasks: [],
    });
    expect(describeStreams(harness).groupState).toBe('NotReady');
    harness.topics.add('topic', 2);
    client.heartbeat();
    expect(client.last).toMatchObject({ status: [], memberEpoch: 3 });
    expect(client.active.size).toBe(2);
  });

  it('has its internal topics made', () => {
    const harness = harnessWith({ topic: 3 });
    const topology = {
      epoch: 0,
      subtopologies: [
        subtopology('0', ['topic'], { repartitionSinkTopics: ['by-key'] }),
        subtopology('1', [], { repartitions: ['by-key'], changelogs: ['store'] }),
      ],
    };
    const client = new StreamsClient(harness, { topology }).heartbeat();
    expect(client.last.status).toEqual([
      { statusCode: 3, statusDetail: 'Internal topics are missing: by-key, store' },
    ]);
    expect(client.last.topicsToMake).toMatchObject([
      { name: 'by-key', partitions: 3 },
      { name: 'store', partitions: 3 },
    ]);
    makeTopics(harness, client.last);
    client.heartbeat();
    expect(client.active.size).toBe(6);
    expect(describeStreams(harness).topology!.subtopologies![1]).toMatchObject({
      repartitionSourceTopics: [{ name: 'by-key', partitions: 3 }],
      stateChangelogTopics: [{ name: 'store', partitions: 3 }],
    });
  });

  it('is the same for all members', () => {
    const harness = harnessWith({ topic: 2, other: 2 });
    new StreamsClient(harness).heartbeat();
    const stranger = new StreamsClient(harness, { topology: simpleTopology('other') });
    expect(stranger.heartbeat().last).toMatchObject({
      errorCode: ERROR.INVALID_REQUEST,
      errorMessage: 'Topology updates are not supported yet.',
    });
  });

  it('tells a member that knows an older one', () => {
    const harness = harnessWith({ topic: 2, other: 2 });
    const topology = { ...simpleTopology(), epoch: 3 };
    new StreamsClient(harness, { topology }).heartbeat();
    const old = new StreamsClient(harness, { topology: simpleTopology('other') }).heartbeat();
    expect(old.last.status).toMatchObject([
      {
        statusCode: 0,
        statusDetail: "The member's topology epoch 0 is behind the group's topology epoch 3.",
      },
    ]);
  });

  it('gets more tasks when its topics grow', () => {
    const harness = harnessWith({ topic: 2 });
    const client = new StreamsClient(harness).heartbeat();
    harness.topics.grow('topic', 5);
    client.heartbeat();
    expect(client.active.size).toBe(5);
  });
});

describe('an assignment of a streams group', () => {
  it('waits for more members at first', () => {
    const harness = harnessWith({ topic: 4 }, { streamsInitialRebalanceDelayMs: () => 3_000 });
    const one = new StreamsClient(harness).heartbeat();
    expect(one.last).toMatchObject({
      memberEpoch: 1,
      activeTasks: [],
      status: [
        {
          statusCode: 5,
          statusDetail: 'Assignment delayed due to the configured initial rebalance delay.',
        },
      ],
    });
    const other = new StreamsClient(harness).heartbeat();
    harness.advance(3_000);
    one.heartbeat();
    other.heartbeat();
    expect([one.active.size, other.active.size]).toEqual([2, 2]);
    expect(one.statuses()).toEqual([]);
  });

  it('comes at most once an interval', () => {
    const harness = harnessWith({ topic: 4 }, { streamsAssignmentIntervalMs: () => 1_000 });
    new StreamsClient(harness).heartbeat();
    const second = new StreamsClient(harness).heartbeat();
    expect(second.last.status).toEqual([
      {
        statusCode: 5,
        statusDetail: 'Assignment delayed due to the configured assignment interval.',
      },
    ]);
    harness.advance(1_000);
    expect(second.heartbeat().statuses()).toEqual([]);
  });

  it('has standbys where they are configured, and changes with them', () => {
    let replicas = 0;
    const harness = harnessWith({ topic: 2 }, { streamsStandbyReplicas: () => replicas });
    const topology = {
      epoch: 0,
      subtopologies: [subtopology('0', ['topic'], { changelogs: ['store'] })],
    };
    const clients = [1, 2].map(() => new StreamsClient(harness, { topology }));
    settleStreams(clients);
    expect(clients.map(({ standby }) => standby.size)).toEqual([0, 0]);
    replicas = 1;
    settleStreams(clients);
    for (const { active, standby } of clients) {
      expect(active.size).toBe(1);
      expect(standby.size).toBe(1);
      expect(active).not.toEqual(standby);
    }
  });
});

describe('a heartbeat is refused', () => {
  it.each([
    [{ memberId: ' ' }, ERROR.INVALID_REQUEST, "MemberId can't be empty."],
    [{ groupId: '' }, ERROR.INVALID_REQUEST, "GroupId can't be empty."],
    [{ instanceId: 'i' }, ERROR.INVALID_REQUEST, 'Static membership is not yet supported.'],
    [{ taskOffsets: [] }, ERROR.INVALID_REQUEST, 'TaskOffsets are not supported yet.'],
    [{ memberEpoch: -2 }, ERROR.INVALID_REQUEST, "InstanceId can't be null."],
    [{ memberEpoch: -3 }, ERROR.INVALID_REQUEST, 'MemberEpoch is -3'],
    [{ memberEpoch: 1 }, ERROR.INVALID_REQUEST, 'Topology can only be provided'],
    [{ rebalanceTimeoutMs: -1 }, ERROR.INVALID_REQUEST, 'RebalanceTimeoutMs must be provided'],
    [{ activeTasks: null }, ERROR.INVALID_REQUEST, 'ActiveTasks must be empty'],
    [{ topology: null }, ERROR.INVALID_REQUEST, 'Topology must be non-null'],
    [
      { memberEpoch: 1, topology: null, standbyTasks: null },
      ERROR.INVALID_REQUEST,
      'If one task-type is non-null, all must be non-null.',
    ],
    [
      { memberEpoch: 1, topology: null },
      ERROR.GROUP_ID_NOT_FOUND,
      'Streams group group not found.',
    ],
  ])('with %o', (fields, errorCode, message) => {
    const harness = harnessWith({ topic: 1 });
    const client = new StreamsClient(harness).heartbeat(fields as object);
    expect(client.last.errorCode).toBe(errorCode);
    expect(client.last.errorMessage).toContain(message);
    expect(harness.log).toEqual([]);
  });

  it('where the group is full', () => {
    const harness = harnessWith({ topic: 1 }, { streamsMaxSize: 1 });
    new StreamsClient(harness).heartbeat();
    expect(new StreamsClient(harness).heartbeat().errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
  });

  it('by groups of another kind', () => {
    const harness = harnessWith({ topic: 1 });
    harness.stableMember();
    expect(new StreamsClient(harness).heartbeat().last).toMatchObject({
      errorCode: ERROR.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group group is not a streams group.',
    });
  });
});

describe('a name', () => {
  it('passes from an empty classic group to a streams group and back, with its offsets', () => {
    const harness = harnessWith({ topic: 1 });
    harness.commit('topic', 0, 42);
    const client = new StreamsClient(harness).heartbeat();
    expect(client.errorCode).toBe(0);
    expect(harness.committed('topic', 0)).toBe(42);
    const refused = harness.join(joinRequest(), 3);
    expect(harness.joined(refused).errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    client.leave();
    expect(harness.joined(harness.join({}, 3)).errorCode).toBe(0);
    expect(harness.committed('topic', 0)).toBe(42);
    harness.restart();
    expect(harness.stateOf()).not.toBe('NotReady');
  });

  it('of a streams group is no consumer group', () => {
    const harness = harnessWith({ topic: 1 });
    const client = new StreamsClient(harness).heartbeat();
    const join = {
      groupId: 'group',
      memberId: 'm',
      memberEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: 1_000,
      subscribedTopicNames: ['topic'],
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: [],
    };
    const ask = () => harness.call(API.CONSUMER_GROUP_HEARTBEAT, 1, join).errorCode;
    expect(ask()).toBe(ERROR.GROUP_ID_NOT_FOUND);
    client.leave();
    expect(ask()).toBe(ERROR.GROUP_ID_NOT_FOUND);
  });
});

describe('the offsets of a streams group', () => {
  it('are committed by members, at the epoch at which they have their task', () => {
    const harness = harnessWith({ topic: 2, other: 1 });
    const [one, other] = [new StreamsClient(harness), new StreamsClient(harness)];
    settleStreams([one, other]);
    const [task] = [...one.active];
    const partition = Number(task!.split(':')[1]);
    const { memberId, epoch } = one;
    const commit = (index: number, generation: number, version = 9) => {
      const fields = { memberId, generationIdOrMemberEpoch: generation };
      return harness.commit('topic', index, 5, fields, version);
    };
    expect(commit(partition, epoch)).toBe(0);
    expect(commit(partition, epoch - 1)).toBe(0);
    expect(commit(partition, epoch + 1)).toBe(ERROR.STALE_MEMBER_EPOCH);
    expect(commit(1 - partition, epoch - 1)).toBe(ERROR.STALE_MEMBER_EPOCH);
    expect(commit(partition, epoch, 8)).toBe(ERROR.UNSUPPORTED_VERSION);
    expect(harness.commit('topic', 0, 5)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    one.leave();
    other.leave();
    expect(harness.commit('topic', 0, 7)).toBe(0);
  });

  it('stay while somebody reads the topic, and go with the group', () => {
    const harness = harnessWith({ topic: 1, other: 1 });
    const client = new StreamsClient(harness).heartbeat();
    const fields = { memberId: client.memberId, generationIdOrMemberEpoch: client.epoch };
    expect(harness.commit('topic', 0, 5, fields)).toBe(0);
    const remove = {
      groupId: 'group',
      topics: [{ name: 'topic', partitions: [{ partitionIndex: 0 }] }],
    };
    const removed = () => {
      return harness.call<{ topics: { partitions: { errorCode: number }[] }[] }>(
        API.OFFSET_DELETE,
        0,
        remove,
      ).topics[0]!.partitions[0]!.errorCode;
    };
    expect(removed()).toBe(ERROR.GROUP_SUBSCRIBED_TO_TOPIC);
    const drop = () => {
      const answer = harness.call<{ results: { errorCode: number }[] }>(API.DELETE_GROUPS, 2, {
        groupsNames: ['group'],
      });
      return answer.results[0]!.errorCode;
    };
    expect(drop()).toBe(ERROR.NON_EMPTY_GROUP);
    client.leave();
    expect(drop()).toBe(0);
    expect(harness.committed('topic', 0)).toBe(-1);
    expect([...harness.reload().groups()]).toEqual([]);
  });
});

describe('a streams group', () => {
  it('is listed by its type and its states', () => {
    const harness = harnessWith({});
    new StreamsClient(harness).heartbeat();
    const list = (statesFilter: string[], typesFilter: string[]) => {
      const request = { statesFilter, typesFilter };
      return harness.call<{ groups: object[] }>(API.LIST_GROUPS, 5, request).groups;
    };
    expect(list([], ['Streams'])).toEqual([
      { groupId: 'group', protocolType: 'streams', groupState: 'NotReady', groupType: 'streams' },
    ]);
    expect(list(['NotReady'], [])).toHaveLength(1);
    expect(list(['stable'], [])).toEqual([]);
    expect(list([], ['consumer'])).toEqual([]);
  });

  it('goes on after a restart, with all deadlines', () => {
    const harness = harnessWith({ topic: 4 });
    const clients = [new StreamsClient(harness), new StreamsClient(harness)];
    settleStreams(clients);
    const before = describeStreams(harness);
    harness.restart();
    expect(describeStreams(harness)).toEqual(before);
    clients[0]!.heartbeat();
    expect(clients[0]!.last).toMatchObject({ errorCode: 0, activeTasks: null });
    harness.advance(46_000);
    expect(harness.stateOf()).toBe('Empty');
  });
});
