import { API } from '../../../src/protocol/api-keys.ts';
import { type Asked, COMMIT, MEMBER, PRODUCER } from './asked.ts';

const GROUP_RESOURCE = 32;
const TOPIC = 'free';

const topics = (partition: object) => [{ name: TOPIC, partitions: [partition] }];
const setting = { name: 'consumer.session.timeout.ms', value: '50000' };

const LISTS: readonly Asked[] = [
  { key: API.LIST_GROUPS, versions: [0, 3], note: 'all', isOfAll: true, body: () => ({}) },
  {
    key: API.LIST_GROUPS,
    versions: [4, 5],
    note: 'all',
    isOfAll: true,
    body: () => ({ statesFilter: [], typesFilter: [] }),
  },
];

const OFFSETS: readonly Asked[] = [
  {
    key: API.OFFSET_COMMIT,
    versions: [2, 8],
    body: ({ name }) => ({
      groupId: name,
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: topics(COMMIT),
    }),
  },
  {
    key: API.OFFSET_FETCH,
    versions: [1, 7],
    body: ({ name }) => ({
      groupId: name,
      topics: [{ name: TOPIC, partitionIndexes: [0] }],
      groups: [],
    }),
  },
  {
    key: API.OFFSET_FETCH,
    versions: [7],
    note: 'all topics',
    body: ({ name }) => ({ groupId: name, topics: null, groups: [] }),
  },
  {
    key: API.OFFSET_FETCH,
    versions: [8, 9],
    body: ({ name }) => ({
      groups: [{ groupId: name, topics: [{ name: TOPIC, partitionIndexes: [0] }] }],
    }),
  },
  {
    key: API.OFFSET_FETCH,
    versions: [8, 10],
    note: 'all topics',
    body: ({ name }) => ({ groups: [{ groupId: name, topics: null }] }),
  },
  {
    key: API.OFFSET_DELETE,
    versions: [0],
    body: ({ name }) => ({ groupId: name, topics: topics({ partitionIndex: 0 }) }),
  },
  {
    key: API.OFFSET_DELETE,
    versions: [0],
    note: 'of no topic',
    body: ({ name }) => ({ groupId: name, topics: [] }),
  },
  {
    key: API.TXN_OFFSET_COMMIT,
    versions: [3, 5],
    body: ({ name, own }) => ({
      transactionalId: own,
      groupId: name,
      ...PRODUCER,
      ...MEMBER,
      topics: topics(COMMIT),
    }),
  },
  {
    key: API.ADD_OFFSETS_TO_TXN,
    versions: [0, 4],
    body: ({ name, own }) => ({ transactionalId: own, ...PRODUCER, groupId: name }),
  },
];

const MEMBERS: readonly Asked[] = [
  { key: API.FIND_COORDINATOR, versions: [0], body: ({ name }) => ({ key: name }) },
  { key: API.FIND_COORDINATOR, versions: [1, 3], body: ({ name }) => ({ key: name, keyType: 0 }) },
  {
    key: API.FIND_COORDINATOR,
    versions: [4, 6],
    body: ({ name }) => ({ keyType: 0, coordinatorKeys: [name] }),
  },
  {
    key: API.JOIN_GROUP,
    versions: [4, 9],
    fresh: 'group',
    body: ({ name }) => ({
      groupId: name,
      sessionTimeoutMs: 6000,
      rebalanceTimeoutMs: 6000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    }),
  },
  {
    key: API.SYNC_GROUP,
    versions: [0, 5],
    body: ({ name }) => ({ groupId: name, ...MEMBER, assignments: [] }),
  },
  { key: API.HEARTBEAT, versions: [0, 4], body: ({ name }) => ({ groupId: name, ...MEMBER }) },
  { key: API.LEAVE_GROUP, versions: [0], body: ({ name }) => ({ groupId: name, memberId: 'm' }) },
  {
    key: API.LEAVE_GROUP,
    versions: [3, 5],
    body: ({ name }) => ({ groupId: name, members: [{ memberId: 'm', groupInstanceId: null }] }),
  },
  {
    key: API.CONSUMER_GROUP_HEARTBEAT,
    versions: [0, 1],
    body: ({ name }) => ({
      groupId: name,
      memberId: 'm',
      memberEpoch: 5,
      rebalanceTimeoutMs: 1000,
      subscribedTopicNames: [TOPIC],
      topicPartitions: [],
    }),
  },
  {
    key: API.STREAMS_GROUP_HEARTBEAT,
    versions: [0],
    body: ({ name }) => ({
      groupId: name,
      memberId: 'm',
      memberEpoch: 5,
      endpointInformationEpoch: 0,
    }),
  },
];

const ADMINISTRATION: readonly Asked[] = [
  {
    key: API.DESCRIBE_GROUPS,
    versions: [0, 5, 6],
    body: ({ name }) => ({ groups: [name] }),
  },
  {
    key: API.DESCRIBE_GROUPS,
    versions: [5, 6],
    note: 'with operations',
    body: ({ name }) => ({ groups: [name], includeAuthorizedOperations: true }),
  },
  {
    key: API.CONSUMER_GROUP_DESCRIBE,
    versions: [0, 1],
    note: 'with operations',
    body: ({ name }) => ({ groupIds: [name], includeAuthorizedOperations: true }),
  },
  {
    key: API.STREAMS_GROUP_DESCRIBE,
    versions: [0],
    note: 'with operations',
    body: ({ name }) => ({ groupIds: [name], includeAuthorizedOperations: true }),
  },
  {
    key: API.DELETE_GROUPS,
    versions: [0, 2],
    fresh: 'group',
    body: ({ name }) => ({ groupsNames: [name] }),
  },
  {
    key: API.DESCRIBE_CONFIGS,
    versions: [4],
    note: 'of a group',
    body: ({ name }) => ({
      resources: [
        { resourceType: GROUP_RESOURCE, resourceName: name, configurationKeys: [setting.name] },
      ],
    }),
  },
  {
    key: API.INCREMENTAL_ALTER_CONFIGS,
    versions: [1],
    note: 'of a group',
    body: ({ name }) => ({
      resources: [
        {
          resourceType: GROUP_RESOURCE,
          resourceName: name,
          configs: [{ ...setting, configOperation: 0 }],
        },
      ],
      validateOnly: true,
    }),
  },
];

export const GROUP_REQUESTS: readonly Asked[] = [
  ...LISTS,
  ...OFFSETS,
  ...MEMBERS,
  ...ADMINISTRATION,
];
