import { API } from '../../../src/protocol/api-keys.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { toldSubtopology } from '../../support/told-topology.ts';
import { type Asked, COMMIT, MEMBER, PRODUCER, type Target, topicFrom } from './asked.ts';

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const TOPIC_RESOURCE = 2;
const RETENTION = { name: 'retention.ms', value: '86400000' };
/** A group and a transaction that are about the topic of the stage. */
export const HELD = {
  group: 'held-group',
  classic: 'held-classic',
  streams: 'held-streams',
  transaction: 'held-txn',
};

const partitions = ({ name }: Target, index: object) => [{ name, partitions: [index] }];

/** The first heartbeat of an application that reads one topic. */
export function streamsJoin(groupId: string, topic: string) {
  return {
    groupId,
    memberId: 'AAAAAAAAAAAAAAAAAAAAAg',
    memberEpoch: 0,
    endpointInformationEpoch: -1,
    rebalanceTimeoutMs: 1000,
    topology: { epoch: 0, subtopologies: [toldSubtopology('0', [topic])] },
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    processId: 'process',
  };
}

const creation = (name: string) => ({
  name,
  numPartitions: 1,
  replicationFactor: 1,
  assignments: [],
  configs: [],
});

/** Answers that tell of all topics come first: others make and take away topics. */
const LISTS: readonly Asked[] = [
  {
    key: API.METADATA,
    versions: [4, 9],
    note: 'all',
    isOfAll: true,
    body: () => ({ topics: null, allowAutoTopicCreation: false }),
  },
  {
    key: API.METADATA,
    versions: [8, 13],
    note: 'all, with operations',
    isOfAll: true,
    body: () => ({ topics: null, includeTopicAuthorizedOperations: true }),
  },
  {
    key: API.DESCRIBE_TOPIC_PARTITIONS,
    versions: [0],
    note: 'all',
    isOfAll: true,
    body: () => ({ topics: [], responsePartitionLimit: 1000, cursor: null }),
  },
  {
    key: API.OFFSET_FETCH,
    versions: [7],
    note: 'all',
    isOfAll: true,
    body: () => ({ groupId: HELD.classic, topics: null, groups: [] }),
  },
  {
    key: API.OFFSET_FETCH,
    versions: [8, 10],
    note: 'all',
    isOfAll: true,
    body: () => ({ groups: [{ groupId: HELD.classic, topics: null }] }),
  },
  {
    key: API.DESCRIBE_GROUPS,
    versions: [5],
    note: 'of a group with the topic',
    isOfAll: true,
    body: () => ({ groups: [HELD.classic] }),
  },
  {
    key: API.CONSUMER_GROUP_DESCRIBE,
    versions: [0, 1],
    note: 'of a group with the topic',
    isOfAll: true,
    body: () => ({ groupIds: [HELD.group], includeAuthorizedOperations: false }),
  },
  {
    key: API.DESCRIBE_TRANSACTIONS,
    versions: [0],
    note: 'of a transaction with the topic',
    isOfAll: true,
    body: () => ({ transactionalIds: [HELD.transaction] }),
  },
];

const RECORDS: readonly Asked[] = [
  {
    key: API.PRODUCE,
    versions: [3, 12, 13],
    body: (target) => ({
      transactionalId: null,
      acks: 1,
      timeoutMs: 1000,
      topicData: [
        {
          ...topicFrom(13, target),
          partitionData: [
            { index: 0, records: buildBatch([{ value: Buffer.from('v'), timestamp: 1 }]) },
          ],
        },
      ],
    }),
  },
  {
    key: API.FETCH,
    versions: [4, 12, 13, 17],
    body: ({ name, topicId, version }) => ({
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1000,
      sessionEpoch: -1,
      topics: [
        {
          ...(version >= 13 ? { topicId } : { topic: name }),
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }],
        },
      ],
      forgottenTopicsData: [],
    }),
  },
  {
    key: API.LIST_OFFSETS,
    versions: [1, 10],
    body: (target) => ({
      replicaId: -1,
      isolationLevel: 0,
      topics: partitions(target, { partitionIndex: 0, timestamp: -1 }),
    }),
  },
  {
    key: API.OFFSET_FOR_LEADER_EPOCH,
    versions: [3, 4],
    body: ({ name }) => ({
      replicaId: -1,
      topics: [{ topic: name, partitions: [{ partition: 0, leaderEpoch: 0 }] }],
    }),
  },
  {
    key: API.DELETE_RECORDS,
    versions: [0, 2],
    body: (target) => ({
      topics: partitions(target, { partitionIndex: 0, offset: 0 }),
      timeoutMs: 1000,
    }),
  },
  {
    key: API.DESCRIBE_PRODUCERS,
    versions: [0],
    body: ({ name }) => ({ topics: [{ name, partitionIndexes: [0] }] }),
  },
];

const DESCRIPTIONS: readonly Asked[] = [
  { key: API.METADATA, versions: [0], body: ({ name }) => ({ topics: [{ name }] }) },
  {
    key: API.METADATA,
    versions: [4, 9, 13],
    note: 'without creation',
    body: ({ name }) => ({ topics: [{ name, topicId: NO_ID }], allowAutoTopicCreation: false }),
  },
  {
    key: API.METADATA,
    versions: [8, 12],
    note: 'with operations',
    body: ({ name }) => ({
      topics: [{ name, topicId: NO_ID }],
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: true,
    }),
  },
  {
    key: API.METADATA,
    versions: [12, 13],
    note: 'by id',
    body: ({ topicId }) => ({
      topics: [{ topicId, name: null }],
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: true,
    }),
  },
  {
    key: API.DESCRIBE_TOPIC_PARTITIONS,
    versions: [0],
    body: ({ name }) => ({ topics: [{ name }], responsePartitionLimit: 10, cursor: null }),
  },
  {
    key: API.DESCRIBE_CONFIGS,
    versions: [1, 4],
    note: 'of a topic',
    body: ({ name }) => ({
      resources: [
        { resourceType: TOPIC_RESOURCE, resourceName: name, configurationKeys: ['retention.ms'] },
      ],
    }),
  },
  {
    key: API.DESCRIBE_QUORUM,
    versions: [1],
    note: 'without rights on the cluster',
    isOfAll: true,
    body: () => ({ topics: [] }),
  },
];

const CHANGES: readonly Asked[] = [
  {
    key: API.CREATE_TOPICS,
    versions: [2, 7],
    note: 'to see',
    body: ({ name }) => ({ topics: [creation(name)], timeoutMs: 10_000, validateOnly: true }),
  },
  {
    key: API.CREATE_TOPICS,
    versions: [7],
    body: ({ name }) => ({ topics: [creation(name)], timeoutMs: 10_000, validateOnly: false }),
  },
  {
    key: API.DELETE_TOPICS,
    versions: [1, 5],
    fresh: 'topic',
    body: ({ name }) => ({ topicNames: [name], timeoutMs: 10_000 }),
  },
  {
    key: API.DELETE_TOPICS,
    versions: [6],
    fresh: 'topic',
    body: ({ name }) => ({ topics: [{ name, topicId: NO_ID }], timeoutMs: 10_000 }),
  },
  {
    key: API.DELETE_TOPICS,
    versions: [6],
    note: 'by id',
    fresh: 'topic',
    body: ({ topicId }) => ({ topics: [{ name: null, topicId }], timeoutMs: 10_000 }),
  },
  {
    key: API.CREATE_PARTITIONS,
    versions: [0, 3],
    body: ({ name }) => ({
      topics: [{ name, count: 4, assignments: null }],
      timeoutMs: 10_000,
      validateOnly: true,
    }),
  },
  {
    key: API.INCREMENTAL_ALTER_CONFIGS,
    versions: [0, 1],
    note: 'of a topic',
    body: ({ name }) => ({
      resources: [
        {
          resourceType: TOPIC_RESOURCE,
          resourceName: name,
          configs: [{ ...RETENTION, configOperation: 0 }],
        },
      ],
      validateOnly: true,
    }),
  },
  {
    key: API.ALTER_CONFIGS,
    versions: [0, 2],
    note: 'of a topic',
    body: ({ name }) => ({
      resources: [{ resourceType: TOPIC_RESOURCE, resourceName: name, configs: [RETENTION] }],
      validateOnly: true,
    }),
  },
  {
    key: API.INIT_PRODUCER_ID,
    versions: [0, 5],
    note: 'without a transaction',
    isOfAll: true,
    body: () => ({ transactionalId: null, transactionTimeoutMs: 1000 }),
  },
];

const GROUPS: readonly Asked[] = [
  {
    key: API.OFFSET_COMMIT,
    versions: [2, 8, 10],
    body: (target) => ({
      groupId: target.own,
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: [{ ...topicFrom(10, target), partitions: [COMMIT] }],
    }),
  },
  {
    key: API.OFFSET_FETCH,
    versions: [1, 7],
    body: ({ name }) => ({
      groupId: HELD.classic,
      topics: [{ name, partitionIndexes: [0] }],
      groups: [],
    }),
  },
  {
    key: API.OFFSET_FETCH,
    versions: [8, 10],
    body: (target) => ({
      groups: [
        {
          groupId: HELD.classic,
          topics: [{ ...topicFrom(10, target), partitionIndexes: [0] }],
        },
      ],
    }),
  },
  {
    key: API.OFFSET_DELETE,
    versions: [0],
    body: (target) => ({
      groupId: HELD.classic,
      topics: partitions(target, { partitionIndex: 0 }),
    }),
  },
  {
    key: API.CONSUMER_GROUP_HEARTBEAT,
    versions: [0, 1],
    body: ({ name, own }) => ({
      groupId: own,
      memberId: 'AAAAAAAAAAAAAAAAAAAAAg',
      memberEpoch: 0,
      rebalanceTimeoutMs: 1000,
      subscribedTopicNames: [name],
      topicPartitions: [],
    }),
  },
  {
    key: API.STREAMS_GROUP_HEARTBEAT,
    versions: [0],
    body: ({ name, own }) => streamsJoin(own, name),
  },
  {
    key: API.STREAMS_GROUP_DESCRIBE,
    versions: [0],
    note: 'of a group with the topic',
    isOfAll: true,
    body: () => ({ groupIds: [HELD.streams], includeAuthorizedOperations: true }),
  },
  {
    key: API.TXN_OFFSET_COMMIT,
    versions: [3, 5],
    body: (target) => ({
      transactionalId: target.own,
      groupId: target.own,
      ...PRODUCER,
      ...MEMBER,
      topics: partitions(target, COMMIT),
    }),
  },
  {
    key: API.ADD_PARTITIONS_TO_TXN,
    versions: [0, 3],
    body: ({ name, own }) => ({
      v3AndBelowTransactionalId: own,
      v3AndBelowProducerId: PRODUCER.producerId,
      v3AndBelowProducerEpoch: PRODUCER.producerEpoch,
      v3AndBelowTopics: [{ name, partitions: [0] }],
    }),
  },
];

/** Metadata that may make topics is the last but one: what it makes is seen by the lists. */
const CREATION: readonly Asked[] = [
  {
    key: API.METADATA,
    versions: [4, 9],
    note: 'with creation',
    body: ({ name }) => ({ topics: [{ name }], allowAutoTopicCreation: true }),
  },
];

export const TOPIC_REQUESTS: readonly Asked[] = [
  ...LISTS,
  ...RECORDS,
  ...DESCRIPTIONS,
  ...CHANGES,
  ...GROUPS,
  ...CREATION,
];
