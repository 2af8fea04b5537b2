import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { allRequired, required } from '../../../src/client/admin/outcome.ts';
import { Admin, Producer, text, topic } from '../../../src/client/index.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { apiVersions, FakeBroker } from '../fake-broker.ts';

const DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAQ';
const SERVED = {
  [API.FIND_COORDINATOR]: 4,
  [API.DESCRIBE_GROUPS]: 5,
  [API.CONSUMER_GROUP_DESCRIBE]: 1,
  [API.STREAMS_GROUP_DESCRIBE]: 0,
  [API.DESCRIBE_SHARE_GROUP_OFFSETS]: 1,
  [API.ALTER_SHARE_GROUP_OFFSETS]: 0,
  [API.DELETE_SHARE_GROUP_OFFSETS]: 0,
  [API.UNREGISTER_BROKER]: 0,
  [API.ADD_RAFT_VOTER]: 0,
  [API.REMOVE_RAFT_VOTER]: 0,
};
const FINE = { errorCode: 0, errorMessage: null };
const refused = (code: keyof typeof ERROR) => ({ errorCode: ERROR[code], errorMessage: 'no' });
const NO_TASKS = { activeTasks: [], standbyTasks: [], warmupTasks: [] };
const CHANGELOG = {
  name: 'counts-changelog',
  partitions: 2,
  replicationFactor: 1,
  topicConfigs: [{ key: 'cleanup.policy', value: 'compact' }],
};

const GONE = { ...refused('GROUP_ID_NOT_FOUND'), groupId: 'gone', groupState: '', members: [] };
const NO_RIGHTS = { authorizedOperations: 0 };
const NO_OFFSET = { startOffset: -1, leaderEpoch: -1, lag: -1 };
const NO_EPOCHS = { groupEpoch: 0, assignmentEpoch: 0 };

/** A group of each type by its name, and the error of one that is not there. */
const ANSWERS: Readonly<Record<number, object>> = {
  [API.DESCRIBE_GROUPS]: {
    groups: [
      {
        ...FINE,
        ...NO_RIGHTS,
        groupId: 'old',
        groupState: 'Stable',
        protocolType: 'connect',
        protocolData: 'sessioned',
        members: [
          {
            memberId: 'm',
            groupInstanceId: null,
            clientId: 'c',
            clientHost: '/127.0.0.1',
            memberMetadata: Buffer.alloc(0),
            memberAssignment: Buffer.of(1, 2, 3),
          },
        ],
      },
      { ...GONE, ...FINE, ...NO_RIGHTS, groupState: 'Dead', protocolType: '', protocolData: '' },
    ],
  },
  [API.CONSUMER_GROUP_DESCRIBE]: {
    groups: [
      {
        ...FINE,
        ...NO_RIGHTS,
        groupId: 'new',
        groupState: 'Reconciling',
        groupEpoch: 7,
        assignmentEpoch: 6,
        assignorName: 'uniform',
        members: [],
      },
      { ...GONE, ...NO_RIGHTS, ...NO_EPOCHS, assignorName: '' },
    ],
  },
  [API.STREAMS_GROUP_DESCRIBE]: {
    groups: [
      {
        ...FINE,
        ...NO_RIGHTS,
        groupId: 'counting',
        groupState: 'Stable',
        groupEpoch: 3,
        assignmentEpoch: 3,
        topology: {
          epoch: 1,
          subtopologies: [
            {
              subtopologyId: '0',
              sourceTopics: ['words'],
              repartitionSinkTopics: [],
              stateChangelogTopics: [CHANGELOG],
              repartitionSourceTopics: [],
            },
          ],
        },
        members: [
          {
            memberId: 'm',
            memberEpoch: 3,
            instanceId: null,
            rackId: null,
            clientId: 'c',
            clientHost: '/127.0.0.1',
            topologyEpoch: 1,
            processId: 'p',
            userEndpoint: { host: 'app', port: 8080 },
            clientTags: [{ key: 'zone', value: 'a' }],
            taskOffsets: [],
            taskEndOffsets: [],
            assignment: { ...NO_TASKS, activeTasks: [{ subtopologyId: '0', partitions: [0, 1] }] },
            targetAssignment: NO_TASKS,
            isClassic: false,
          },
        ],
      },
      { ...GONE, ...NO_RIGHTS, ...NO_EPOCHS, topology: null },
    ],
  },
  [API.DESCRIBE_SHARE_GROUP_OFFSETS]: {
    groups: [
      {
        ...FINE,
        groupId: 'queue',
        topics: [
          {
            topicName: 'orders',
            topicId: DIRECTORY,
            partitions: [
              { ...FINE, partitionIndex: 0, startOffset: 4, leaderEpoch: 2, lag: 3 },
              { ...refused('UNKNOWN_TOPIC_OR_PARTITION'), partitionIndex: 1, ...NO_OFFSET },
            ],
          },
        ],
      },
      { ...refused('GROUP_ID_NOT_FOUND'), groupId: 'gone', topics: [] },
    ],
  },
  [API.ALTER_SHARE_GROUP_OFFSETS]: {
    ...FINE,
    responses: [
      {
        topicName: 'orders',
        topicId: DIRECTORY,
        partitions: [
          { ...FINE, partitionIndex: 0 },
          { ...refused('UNKNOWN_TOPIC_OR_PARTITION'), partitionIndex: 9 },
        ],
      },
    ],
  },
  [API.DELETE_SHARE_GROUP_OFFSETS]: {
    ...FINE,
    responses: [
      { ...FINE, topicName: 'orders', topicId: DIRECTORY },
      { ...refused('UNKNOWN_TOPIC_OR_PARTITION'), topicName: 'gone', topicId: DIRECTORY },
    ],
  },
  [API.UNREGISTER_BROKER]: FINE,
  [API.ADD_RAFT_VOTER]: FINE,
  [API.REMOVE_RAFT_VOTER]: refused('VOTER_NOT_FOUND'),
};

describe('calls that few clusters need, at a scripted broker', () => {
  let broker: FakeBroker;
  let admin: Admin;

  beforeAll(async () => {
    broker = await FakeBroker.start((request) => {
      const { apiKey, version, correlationId } = request;
      if (apiKey === API.API_VERSIONS) return apiVersions(request, SERVED);
      const { coordinatorKeys = [] } = request.body as { coordinatorKeys?: string[] };
      const node = { nodeId: 1, host: '127.0.0.1', port: broker.port, ...FINE };
      const found = { coordinators: coordinatorKeys.map((key) => ({ key, ...node })) };
      const known = apiKey === API.FIND_COORDINATOR ? found : ANSWERS[apiKey]!;
      const answer = { throttleTimeMs: 0, ...known };
      return encodeResponseFrame(
        apiKey as typeof API.FIND_COORDINATOR,
        version,
        correlationId,
        answer,
      );
    });
    admin = new Admin({ bootstrapServers: `127.0.0.1:${broker.port}` });
  });

  afterAll(async () => {
    await admin.close();
    await broker[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    broker.requests.length = 0;
  });

  const asked = (apiKey: number) => broker.requests.find((each) => each.apiKey === apiKey)?.body;

  it('describe classic groups, whatever their members say', async () => {
    const groups = await admin.groups.describeClassic(['old', 'gone']);
    const { members, ...old } = required(groups.get('old'));
    expect(old).toMatchObject({ type: 'classic', protocolType: 'connect', assignor: 'sessioned' });
    expect(members).toMatchObject([{ memberId: 'm', assignment: null }]);
    expect(asked(API.DESCRIBE_GROUPS)).toMatchObject({ groups: ['old', 'gone'] });
  });

  it('describe groups of KIP-848', async () => {
    const groups = await admin.groups.describeConsumer(['new', 'gone']);
    expect(groups.get('new')).toMatchObject({ groupEpoch: 7, assignmentEpoch: 6, members: [] });
    expect(groups.get('gone')).toMatchObject({ code: 'GROUP_ID_NOT_FOUND' });
  });

  it('describe groups of Kafka Streams with their topology', async () => {
    const groups = await admin.groups.describeStreams(['counting', 'gone']);
    const { subtopologies, members, ...group } = required(groups.get('counting'));
    expect(group).toMatchObject({ type: 'streams', state: 'Stable', topologyEpoch: 1 });
    const { topicConfigs: _, ...changelog } = CHANGELOG;
    const stateChangelogTopics = [{ ...changelog, configs: { 'cleanup.policy': 'compact' } }];
    expect(subtopologies).toMatchObject([{ sourceTopics: ['words'], stateChangelogTopics }]);
    expect(members).toMatchObject([
      {
        endpoint: { host: 'app', port: 8080 },
        clientTags: { zone: 'a' },
        assignment: { active: [{ subtopologyId: '0', partitions: [0, 1] }], standby: [] },
      },
    ]);
    expect(groups.get('gone')).toMatchObject({ code: 'GROUP_ID_NOT_FOUND' });
  });

  it('list, alter and delete offsets of share groups, with an error for each', async () => {
    const listed = await admin.shareOffsets.list(['queue', 'gone']);
    expect(required(listed.get('queue'))).toMatchObject([
      { topic: 'orders', partition: 0, outcome: { startOffset: 4, leaderEpoch: 2, lag: 3 } },
      { topic: 'orders', partition: 1, outcome: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } },
    ]);
    expect(listed.get('gone')).toMatchObject({ code: 'GROUP_ID_NOT_FOUND' });
    const altered = await admin.shareOffsets.alter('queue', [
      { topic: 'orders', partition: 0, startOffset: 1 },
      { topic: 'orders', partition: 9, startOffset: 1 },
    ]);
    expect(altered).toMatchObject([
      { partition: 0, outcome: null },
      { partition: 9, outcome: { code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'orders' } },
    ]);
    const deleted = await admin.shareOffsets.delete('queue', ['orders', 'gone']);
    expect(deleted.get('orders')).toBeNull();
    expect(deleted.get('gone')).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  it('change brokers and voters', async () => {
    await admin.cluster.unregisterBroker(4);
    expect(asked(API.UNREGISTER_BROKER)).toMatchObject({ brokerId: 4 });
    const listeners = [{ name: 'CONTROLLER', host: 'c4', port: 9093 }];
    const voter = { id: 4, directoryId: DIRECTORY };
    await admin.quorum.addVoter({ ...voter, listeners }, { clusterId: 'ours' });
    expect(asked(API.ADD_RAFT_VOTER)).toMatchObject({
      clusterId: 'ours',
      voterId: 4,
      voterDirectoryId: DIRECTORY,
      listeners,
    });
    await expect(admin.quorum.removeVoter(voter)).rejects.toMatchObject({
      code: 'VOTER_NOT_FOUND',
    });
  });
});

/** A running Apache Kafka, such as `127.0.0.1:9092`. Without one these tests are left out. */
const KAFKA = process.env.MILLRACE_TEST_KAFKA ?? '';

describe.skipIf(KAFKA === '')('calls that few clusters need, at Apache Kafka', () => {
  it('set the offsets of a share group, which it then begins at', async () => {
    const name = `rare-${Date.now().toString(36)}`;
    await using admin = new Admin({ bootstrapServers: KAFKA });
    allRequired(await admin.topics.create([{ name, partitions: 1, replicationFactor: 1 }]));
    await using producer = new Producer({ bootstrapServers: KAFKA });
    for (const value of ['a', 'b', 'c'])
      await producer.send(topic(name, { value: text }), { value });
    const at = { topic: name, partition: 0 };
    const altered = await admin.shareOffsets.alter(name, [
      { ...at, startOffset: 2 },
      { topic: name, partition: 7, startOffset: 0 },
    ]);
    expect(altered[0]).toMatchObject({ ...at, outcome: null });
    expect(altered[1]).toMatchObject({ outcome: { name: 'KafkaError', partition: 7 } });
    const listed = async () => required((await admin.shareOffsets.list([name])).get(name));
    await expect.poll(listed).toMatchObject([{ ...at, outcome: { startOffset: 2 } }]);
    expect((await admin.shareOffsets.delete(name, [name])).get(name)).toBeNull();
    await expect.poll(listed).toEqual([]);
  });

  it('tell that groups, brokers and voters are not there', async () => {
    await using admin = new Admin({ bootstrapServers: KAFKA });
    const groups = ['no-such-group'];
    const absent = { code: 'GROUP_ID_NOT_FOUND' };
    const described = [
      await admin.groups.describeStreams(groups),
      await admin.groups.describeConsumer(groups),
      await admin.groups.describeShare(groups),
    ];
    for (const outcomes of described) expect(outcomes.get(groups[0]!)).toMatchObject(absent);
    await expect(admin.cluster.unregisterBroker(4_711)).rejects.toMatchObject({
      code: 'BROKER_ID_NOT_REGISTERED',
    });
    await expect(
      admin.quorum.removeVoter({ id: 4_711, directoryId: DIRECTORY }),
    ).rejects.toMatchObject({ name: 'KafkaError' });
  });
});
