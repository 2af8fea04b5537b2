import { API } from '../../../src/protocol/api-keys.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { type Asked, COMMIT, MEMBER, PRODUCER } from './asked.ts';

const TOPIC = 'free';

const batch = () => {
  const options = { ...PRODUCER, baseSequence: 0, transactional: true };
  return buildBatch([{ value: Buffer.from('v'), timestamp: 1 }], options);
};

const REQUESTS: readonly Asked[] = [
  {
    key: API.LIST_TRANSACTIONS,
    versions: [0, 2],
    note: 'all',
    isOfAll: true,
    body: () => ({ stateFilters: [], producerIdFilters: [] }),
  },
  {
    key: API.DESCRIBE_TRANSACTIONS,
    versions: [0],
    body: ({ name }) => ({ transactionalIds: [name] }),
  },
  { key: API.FIND_COORDINATOR, versions: [1, 3], body: ({ name }) => ({ key: name, keyType: 1 }) },
  {
    key: API.FIND_COORDINATOR,
    versions: [4, 6],
    body: ({ name }) => ({ keyType: 1, coordinatorKeys: [name] }),
  },
  {
    key: API.ADD_PARTITIONS_TO_TXN,
    versions: [0, 3],
    body: ({ name }) => ({
      v3AndBelowTransactionalId: name,
      v3AndBelowProducerId: PRODUCER.producerId,
      v3AndBelowProducerEpoch: PRODUCER.producerEpoch,
      v3AndBelowTopics: [{ name: TOPIC, partitions: [0] }],
    }),
  },
  {
    key: API.ADD_OFFSETS_TO_TXN,
    versions: [0, 4],
    body: ({ name, own }) => ({ transactionalId: name, ...PRODUCER, groupId: own }),
  },
  {
    key: API.TXN_OFFSET_COMMIT,
    versions: [3, 5],
    body: ({ name, own }) => ({
      transactionalId: name,
      groupId: own,
      ...PRODUCER,
      ...MEMBER,
      topics: [{ name: TOPIC, partitions: [COMMIT] }],
    }),
  },
  {
    key: API.END_TXN,
    versions: [0, 4],
    body: ({ name }) => ({ transactionalId: name, ...PRODUCER, committed: true }),
  },
  {
    key: API.PRODUCE,
    versions: [3, 12],
    note: 'in a transaction',
    body: ({ name }) => ({
      transactionalId: name,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: TOPIC, partitionData: [{ index: 0, records: batch() }] }],
    }),
  },
  {
    key: API.INIT_PRODUCER_ID,
    versions: [0, 5],
    body: ({ name }) => ({ transactionalId: name, transactionTimeoutMs: 1000 }),
  },
];

export const TRANSACTION_REQUESTS = REQUESTS;
