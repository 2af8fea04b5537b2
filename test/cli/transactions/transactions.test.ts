import { afterEach, beforeEach, expect, test } from 'vitest';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { apiVersions, FakeBroker, type SeenRequest } from '../../client/fake-broker.ts';
import { type CliOutcome, runCli } from '../run-cli.ts';

const NODE = 1;
const MINUTE_MS = 60_000;
const SERVED = {
  [API.METADATA]: 12,
  [API.FIND_COORDINATOR]: 6,
  [API.WRITE_TXN_MARKERS]: 2,
  [API.DESCRIBE_PRODUCERS]: 0,
  [API.DESCRIBE_TRANSACTIONS]: 0,
  [API.LIST_TRANSACTIONS]: 2,
};
let broker: FakeBroker;
let listVersion: number;
let markerError: number;

/** Producer 7 writes to partition 0 and 1 of t; its coordinator knows of partition 0 only. */
function producerOf(partitionIndex: number) {
  return {
    partitionIndex,
    errorCode: 0,
    activeProducers: [
      {
        producerId: 7,
        producerEpoch: 3,
        lastSequence: 11,
        lastTimestamp: Date.now() - 20 * MINUTE_MS,
        coordinatorEpoch: -1,
        currentTxnStartOffset: 40 + partitionIndex,
      },
    ],
  };
}

function bodyFor({ apiKey, body }: SeenRequest): object {
  const here = { nodeId: NODE, host: '127.0.0.1', port: broker.port };
  switch (apiKey) {
    case API.METADATA: {
      const partitions = [0, 1].map((partitionIndex) => ({
        partitionIndex,
        errorCode: 0,
        leaderId: NODE,
        replicaNodes: [NODE],
        isrNodes: [NODE],
      }));
      const topics = [{ errorCode: 0, name: 't', partitions }];
      return { brokers: [here], controllerId: NODE, topics };
    }
    case API.FIND_COORDINATOR:
      return { coordinators: [{ key: 'txn', ...here, errorCode: 0 }] };
    case API.LIST_TRANSACTIONS: {
      const listed = { transactionalId: 'txn', producerId: 7, transactionState: 'Ongoing' };
      return { errorCode: 0, unknownStateFilters: [], transactionStates: [listed] };
    }
    case API.DESCRIBE_TRANSACTIONS:
      return {
        transactionStates: [
          {
            errorCode: 0,
            transactionalId: 'txn',
            transactionState: 'Ongoing',
            transactionTimeoutMs: 60_000,
            transactionStartTimeMs: Date.now() - 5 * MINUTE_MS,
            producerId: 7,
            producerEpoch: 3,
            topics: [{ topic: 't', partitions: [0] }],
          },
        ],
      };
    case API.DESCRIBE_PRODUCERS: {
      const [asked] = (body as { topics: { partitionIndexes: number[] }[] }).topics;
      return { topics: [{ name: 't', partitions: asked!.partitionIndexes.map(producerOf) }] };
    }
    default: {
      const partitions = [{ partitionIndex: 1, errorCode: markerError }];
      return { markers: [{ producerId: 7, topics: [{ name: 't', partitions }] }] };
    }
  }
}

beforeEach(async () => {
  listVersion = 2;
  markerError = 0;
  broker = await FakeBroker.start((request) => {
    const { apiKey, version, correlationId } = request;
    if (apiKey === API.API_VERSIONS) {
      return apiVersions(request, { ...SERVED, [API.LIST_TRANSACTIONS]: listVersion });
    }
    const body = { throttleTimeMs: 0, ...bodyFor(request) } as never;
    return encodeResponseFrame(apiKey as ApiKey, version, correlationId, body);
  });
});

afterEach(() => broker[Symbol.asyncDispose]());

function cli(...words: string[]): Promise<CliOutcome> {
  const all = ['transactions', ...words, '--timeout-ms', '10000'];
  return runCli(all, { servers: `127.0.0.1:${broker.port}` });
}

function asked(apiKey: number): unknown {
  return broker.requests.find((request) => request.apiKey === apiKey)?.body;
}

function rows(text: string): string[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));
}

test('list shows the transactional ids of all brokers, through the filters of Kafka', async () => {
  const { out } = await cli('list', '--duration-filter', '1000');
  expect(rows(out)).toEqual([
    ['TransactionalId', 'Coordinator', 'ProducerId', 'TransactionState'],
    ['txn', '1', '7', 'Ongoing'],
  ]);
  const filters = { durationFilter: 1000, transactionalIdPattern: null };
  expect(asked(API.LIST_TRANSACTIONS)).toMatchObject(filters);
});

test('list refuses a filter that the broker would ignore', async () => {
  listVersion = 1;
  const { code, errors } = await cli('list', '--transactional-id-pattern', 't.*');
  expect(code).not.toBe(0);
  expect(errors).toContain('cannot filter by transactional id pattern');
});

test('describe shows what the coordinator knows of an id', async () => {
  const [titles, row] = rows((await cli('describe', 'txn')).out);
  expect(titles).toEqual([
    'CoordinatorId',
    'TransactionalId',
    'ProducerId',
    'ProducerEpoch',
    'TransactionState',
    'TransactionTimeoutMs',
    'CurrentTransactionStartTimeMs',
    'TransactionDurationMs',
    'TopicPartitions',
  ]);
  expect(row!.slice(0, 6)).toEqual(['1', 'txn', '7', '3', 'Ongoing', '60000']);
  expect(Number(row![7])).toBeGreaterThanOrEqual(5 * MINUTE_MS);
  expect(row![8]).toBe('t-0');
});

test('find-hanging shows old transactions that their coordinator knows nothing of', async () => {
  const [, ...found] = rows((await cli('find-hanging', '--topic', 't')).out);
  expect(found.map((row) => [...row.slice(0, 6), row[7]])).toEqual([
    ['t', '1', '7', '3', '-1', '41', '20'],
  ]);
  const young = await cli('find-hanging', '--broker-id', '1', '--max-transaction-timeout', '30');
  expect(rows(young.out)).toHaveLength(1);
  expect((await cli('find-hanging')).errors).toContain('--topic or --broker-id must be given');
});

test('abort writes a marker for the transaction that starts at an offset', async () => {
  const at = ['--topic', 't', '--partition', '1'];
  const { code, out } = await cli('abort', ...at, '--start-offset', '41');
  expect([code, out]).toEqual([0, 'aborted t-1 of producer 7\n']);
  const topics = [{ name: 't', partitionIndexes: [1] }];
  const marker = { producerId: 7, producerEpoch: 3, coordinatorEpoch: 0, topics };
  expect(asked(API.WRITE_TXN_MARKERS)).toMatchObject({
    markers: [{ ...marker, transactionResult: false }],
  });
  const missing = await cli('abort', ...at, '--start-offset', '5');
  expect(missing.code).not.toBe(0);
  expect(missing.errors).toContain('no transaction that starts at 5 is open in t-1');
});

test('abort takes a producer and its epochs too, and says why it is refused', async () => {
  const at = ['--topic', 't', '--partition', '1'];
  expect((await cli('abort', ...at)).errors).toContain('which transaction?');
  markerError = 47;
  const named = ['--producer-id', '9', '--producer-epoch', '1', '--coordinator-epoch', '2'];
  const { code, errors } = await cli('abort', ...at, ...named);
  expect(code).not.toBe(0);
  expect(errors).toContain('INVALID_PRODUCER_EPOCH');
  expect(asked(API.WRITE_TXN_MARKERS)).toMatchObject({
    markers: [{ producerId: 9, producerEpoch: 1, coordinatorEpoch: 2 }],
  });
});
