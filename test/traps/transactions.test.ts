import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { createTopic } from '../support/topics.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';
import { deleteTopic, fetchFrom } from '../support/wire-requests.ts';
import { TransactionalClient } from './transactional-client.ts';

const READ_COMMITTED = { fields: { isolationLevel: 1 } };
let broker: EmbeddedBroker;
let client: WireClient;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-traps-'));
  broker = await startBroker({ dataDir });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function producer(transactionalId: string): Promise<TransactionalClient> {
  const made = new TransactionalClient(client, transactionalId);
  await made.start();
  return made;
}

const stableEnd = async (topic: string) => {
  return (await fetchFrom(client, topic, 0, READ_COMMITTED)).lastStableOffset;
};

describe('a transaction', () => {
  test('T42, T44: of version 2 adds the partition that is written to, and ends with a marker', async () => {
    await createTopic(client, 'second');
    const own = await producer('second');
    expect(await own.produce('second', 'a')).toBe(0);
    expect(await own.produce('second', 'b')).toBe(0);
    expect(await stableEnd('second')).toBe(0);
    expect(await own.end(true)).toMatchObject({ errorCode: 0, producerEpoch: own.epoch });
    await own.settled();
    expect(await stableEnd('second')).toBe(3);
    expect(await own.produce('second', 'c')).toBe(0);
    expect((await own.end(false)).errorCode).toBe(0);
    await own.settled();
    expect(await stableEnd('second')).toBe(5);
  });

  test('of version 1 takes writes into partitions that were added only', async () => {
    await createTopic(client, 'first');
    const own = await producer('first');
    expect(await own.produce('first', 'a', 9)).toBe(ERROR.INVALID_TXN_STATE);
    expect(await own.produce('first', 'a', 11)).toBe(ERROR.TRANSACTION_ABORTABLE);
    expect(await own.addPartition('first')).toBe(0);
    expect(await own.produce('first', 'a', 9)).toBe(0);
    expect((await own.end(true, 4)).errorCode).toBe(0);
    await own.settled();
    expect(await stableEnd('first')).toBe(2);
  });

  test('T39: a write that comes behind the marker opens no other transaction', async () => {
    await createTopic(client, 'hanging');
    const own = await producer('hanging');
    await own.addPartition('hanging');
    expect(await own.produce('hanging', 'a', 11)).toBe(0);
    expect((await own.end(false, 4)).errorCode).toBe(0);
    await own.settled();
    expect(await own.produce('hanging', 'late', 9)).toBe(ERROR.INVALID_TXN_STATE);
    expect(await own.produce('hanging', 'late', 11)).toBe(ERROR.TRANSACTION_ABORTABLE);
    expect(await stableEnd('hanging')).toBe(2);
    const newer = await producer('hanging');
    expect(newer.epoch).toBeGreaterThan(own.epoch);
    expect(await own.produce('hanging', 'later', 12)).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(await stableEnd('hanging')).toBe(2);
  });

  test('of a producer that was replaced is aborted, and the older one is fenced', async () => {
    await createTopic(client, 'fenced');
    const older = await producer('fenced');
    expect(await older.produce('fenced', 'a')).toBe(0);
    const newer = await producer('fenced');
    expect(await stableEnd('fenced')).toBe(2);
    expect(await older.produce('fenced', 'b')).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect((await older.end(true)).errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(await newer.produce('fenced', 'c')).toBe(0);
    expect((await newer.end(true)).errorCode).toBe(0);
  });

  test('ends also where one of its topics was deleted', async () => {
    await createTopic(client, 'deleted');
    const own = await producer('deleted');
    expect(await own.produce('deleted', 'a')).toBe(0);
    await deleteTopic(client, 'deleted');
    expect((await own.end(true)).errorCode).toBe(0);
    await own.settled();
  });

  test('is listed, and its markers can be written by an administrator', async () => {
    await createTopic(client, 'listed');
    const own = await producer('listed');
    expect(await own.produce('listed', 'a')).toBe(0);
    const list = await client.ask(API.LIST_TRANSACTIONS, 2, {
      stateFilters: ['Ongoing'],
      producerIdFilters: [],
      transactionalIdPattern: 'lis.*',
    });
    expect(list.transactionStates.map((state) => state.transactionalId)).toEqual(['listed']);
    const topics = [{ name: 'listed', partitionIndexes: [0, 7] }];
    const producers = await client.ask(API.DESCRIBE_PRODUCERS, 0, { topics });
    const { producerId, epoch: producerEpoch } = own;
    expect(producers.topics[0]!.partitions[0]!.activeProducers).toMatchObject([
      { producerId, producerEpoch, lastSequence: 0, currentTxnStartOffset: 0 },
    ]);
    const marker = { producerId: own.producerId, producerEpoch: own.epoch, coordinatorEpoch: 0 };
    const answer = await client.ask(API.WRITE_TXN_MARKERS, 1, {
      markers: [{ ...marker, transactionResult: false, topics }],
    });
    expect(answer.markers[0]!.topics[0]!.partitions).toEqual([
      { partitionIndex: 0, errorCode: 0 },
      { partitionIndex: 7, errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION },
    ]);
    expect(await stableEnd('listed')).toBe(2);
  });
});

describe('offsets in a transaction', () => {
  const committed = async (groupId: string): Promise<number> => {
    const group = { groupId, memberEpoch: -1, topics: [{ name: 'read', partitionIndexes: [0] }] };
    const answer = await client.ask(API.OFFSET_FETCH, 9, { groups: [group], requireStable: true });
    const { errorCode, committedOffset } = answer.groups[0]!.topics[0]!.partitions[0]!;
    return errorCode === 0 ? committedOffset : -errorCode;
  };
  const commit = async (own: TransactionalClient, groupId: string, version: number) => {
    const partition = { partitionIndex: 0, committedOffset: 5, committedMetadata: '' };
    const answer = await client.ask(API.TXN_OFFSET_COMMIT, version, {
      transactionalId: own.transactionalId,
      groupId,
      producerId: own.producerId,
      producerEpoch: own.epoch,
      topics: [{ name: 'read', partitions: [partition] }],
    });
    return answer.topics[0]!.partitions[0]!.errorCode;
  };

  test('hold when it is committed, and not before; version 2 adds the group by itself', async () => {
    await createTopic(client, 'read');
    const own = await producer('offsets');
    expect(await commit(own, 'later', 5)).toBe(0);
    expect(await committed('later')).toBe(-ERROR.UNSTABLE_OFFSET_COMMIT);
    expect((await own.end(true)).errorCode).toBe(0);
    await until('the commit', async () => (await committed('later')) === 5);
  });

  test('are refused in version 1 where the group was not added', async () => {
    const own = await producer('offsets-1');
    expect(await commit(own, 'g', 3)).toBe(ERROR.INVALID_TXN_STATE);
    expect(await commit(own, 'g', 4)).toBe(ERROR.TRANSACTION_ABORTABLE);
    const added = await client.ask(API.ADD_OFFSETS_TO_TXN, 3, {
      transactionalId: own.transactionalId,
      producerId: own.producerId,
      producerEpoch: own.epoch,
      groupId: 'g',
    });
    expect(added.errorCode).toBe(0);
    expect(await commit(own, 'g', 3)).toBe(0);
    expect((await own.end(false, 4)).errorCode).toBe(0);
    await own.settled();
    expect(await committed('g')).toBe(-1);
  });
});

describe('the feature transaction.version', () => {
  const update = (maxVersionLevel: number, upgradeType: number) => {
    const feature = 'transaction.version';
    return client.ask(API.UPDATE_FEATURES, 2, {
      timeoutMs: 1000,
      featureUpdates: [{ feature, maxVersionLevel, upgradeType }],
      validateOnly: false,
    });
  };
  const level = async (): Promise<number | undefined> => {
    const answer = await client.ask(API.API_VERSIONS, 4, {
      clientSoftwareName: 'tests',
      clientSoftwareVersion: '1',
    });
    const found = answer.finalizedFeatures.find(({ name }) => name === 'transaction.version');
    return found?.maxVersionLevel;
  };

  test('is finalized at 2, is changed by UpdateFeatures, and survives a restart', async () => {
    expect(await level()).toBe(2);
    const own = await producer('switched');
    await createTopic(client, 'switched');
    expect(await own.produce('switched', 'a')).toBe(0);
    expect((await update(1, 1)).errorCode).toBe(ERROR.INVALID_UPDATE_VERSION);
    expect((await update(3, 1)).errorCode).toBe(ERROR.INVALID_UPDATE_VERSION);
    expect((await update(0, 2)).errorCode).toBe(0);
    expect(await level()).toBe(undefined);
    // A transaction of the other kind goes on.
    expect(await own.produce('switched', 'b')).toBe(0);
    expect((await own.end(true)).errorCode).toBe(0);
    await own.settled();
    client.close();
    await broker.close();
    broker = await startBroker({ dataDir });
    client = await WireClient.open(broker.port);
    expect(await level()).toBe(undefined);
    expect((await update(2, 1)).errorCode).toBe(0);
    expect(await level()).toBe(2);
  });
});
