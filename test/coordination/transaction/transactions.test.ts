import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { ListTransactionsResponse } from '../../../src/protocol/schema/66-list-transactions.ts';
import { START_MS, TIMEOUT_MS, TransactionHarness } from './transaction-harness.ts';

describe('a transaction of version 2', () => {
  it('is committed with markers of the next epoch, which the answer gives to the producer', () => {
    const harness = new TransactionHarness();
    const producer = harness.init();
    expect(producer).toEqual({ id: 1000, epoch: 0 });
    expect(harness.add(producer, [0, 2])).toBe(0);
    expect(harness.describe().transactionState).toBe('Ongoing');
    const answer = harness.end(producer, true);
    expect(answer).toMatchObject({ errorCode: 0, producerId: 1000, producerEpoch: 1 });
    const marker = { topic: 't', producerId: 1000, producerEpoch: 1, coordinatorEpoch: 7 };
    const decided = { ...marker, isCommit: true, transactionVersion: 2 };
    expect(harness.markers).toEqual([
      { ...decided, partition: 0 },
      { ...decided, partition: 2 },
    ]);
    expect(harness.describe().transactionState).toBe('PrepareCommit');
    expect(harness.add({ id: 1000, epoch: 1 })).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    harness.writeMarkers();
    expect(harness.describe()).toMatchObject({ transactionState: 'CompleteCommit', topics: [] });
    expect(harness.add({ id: 1000, epoch: 1 })).toBe(0);
  });

  it('answers the same end again, and ends what has no partition only by an abort', () => {
    const harness = new TransactionHarness();
    const first = harness.init();
    expect(harness.end(first, true).errorCode).toBe(ERROR.INVALID_TXN_STATE);
    const aborted = harness.end(first, false);
    expect(aborted).toMatchObject({ errorCode: 0, producerEpoch: 1 });
    expect(harness.markers).toEqual([]);
    expect(harness.describe().transactionState).toBe('CompleteAbort');
    expect(harness.end(first, false)).toMatchObject({ errorCode: 0, producerEpoch: 1 });
    expect(harness.end(first, true).errorCode).toBe(ERROR.INVALID_TXN_STATE);
    const second = { id: 1000, epoch: 1 };
    expect(harness.end(second, true).errorCode).toBe(ERROR.INVALID_TXN_STATE);
    expect(harness.end(second, false)).toMatchObject({ errorCode: 0, producerEpoch: 2 });
  });

  it('T38: an end or an addition that was delayed does not touch the next transaction', () => {
    const harness = new TransactionHarness();
    const first = harness.init();
    harness.add(first);
    const second = { id: 1000, epoch: harness.end(first, true).producerEpoch };
    expect(harness.end(first, true).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    expect(harness.end(first, false).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    harness.writeMarkers();
    harness.add(second, [1]);
    expect(harness.end(first, true).errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.end(first, false).errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.add(first, [2])).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.add(first, [0], true)).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.describe()).toMatchObject({
      transactionState: 'Ongoing',
      topics: [{ topic: 't', partitions: [1] }],
    });
    expect(harness.end(second, true)).toMatchObject({ errorCode: 0, producerEpoch: 2 });
  });

  it('makes the next end wait for the markers of this one', () => {
    const harness = new TransactionHarness();
    const first = harness.init();
    harness.add(first);
    const second = { id: 1000, epoch: harness.end(first, true).producerEpoch };
    expect(harness.end(second, false).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    expect(harness.end(second, true).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    expect(harness.initAnswer(second).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    harness.writeMarkers();
    expect(harness.end(second, false)).toMatchObject({ errorCode: 0, producerEpoch: 2 });
  });

  it('verifies only partitions that it holds', () => {
    const harness = new TransactionHarness();
    const producer = harness.init();
    harness.add(producer, [0]);
    expect(harness.add(producer, [0], true)).toBe(0);
    expect(harness.add(producer, [1], true)).toBe(ERROR.TRANSACTION_ABORTABLE);
    expect(harness.add({ id: 3, epoch: 0 }, [0], true)).toBe(ERROR.INVALID_PRODUCER_ID_MAPPING);
    expect(harness.describe().topics).toEqual([{ topic: 't', partitions: [0] }]);
  });
});

describe('a transaction of version 1', () => {
  it('keeps the epoch of its producer, and is ended again without harm', () => {
    const harness = new TransactionHarness({ transactionVersion: 1 });
    const producer = harness.init();
    expect(harness.addAsClient(producer)).toBe(0);
    expect(harness.end(producer, true, 4)).toMatchObject({ errorCode: 0, producerId: -1 });
    expect(harness.end(producer, true, 4).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    expect(harness.end(producer, false, 4).errorCode).toBe(ERROR.CONCURRENT_TRANSACTIONS);
    expect(harness.markers).toMatchObject([{ producerEpoch: 0, transactionVersion: 0 }]);
    harness.writeMarkers();
    expect(harness.end(producer, true, 4).errorCode).toBe(0);
    expect(harness.end(producer, false, 4).errorCode).toBe(ERROR.INVALID_TXN_STATE);
    expect(harness.addAsClient(producer)).toBe(0);
  });

  it('runs beside one of version 2 of the same transactional id, whatever is finalized', () => {
    const harness = new TransactionHarness({ transactionVersion: 2 });
    const producer = harness.init();
    harness.addAsClient(producer);
    expect(harness.end(producer, false, 4).errorCode).toBe(0);
    harness.writeMarkers();
    expect(harness.add(producer)).toBe(0);
    expect(harness.end(producer, true)).toMatchObject({ errorCode: 0, producerEpoch: 1 });
  });

  it('tells old clients of a fence with the error that they know', () => {
    const harness = new TransactionHarness();
    const old = harness.init();
    harness.init();
    expect(harness.addAsClient(old, [0], 1)).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(harness.addAsClient(old, [0], 2)).toBe(ERROR.PRODUCER_FENCED);
    expect(harness.end(old, true, 1).errorCode).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(harness.end(old, true, 2).errorCode).toBe(ERROR.PRODUCER_FENCED);
  });

  it('refuses all partitions where one does not exist', () => {
    const harness = new TransactionHarness();
    const producer = harness.init();
    expect(harness.addAsClient(producer, [0, 9])).toBe(ERROR.OPERATION_NOT_ATTEMPTED);
    expect(harness.addAsClient(producer, [9, 0])).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(harness.describe().transactionState).toBe('Empty');
  });

  it('holds the partition of a group whose offsets are added', () => {
    const harness = new TransactionHarness();
    const { id, epoch } = harness.init();
    const producer = { producerId: id, producerEpoch: epoch };
    const request = { transactionalId: 'x', ...producer, groupId: 'g' };
    expect(harness.call(API.ADD_OFFSETS_TO_TXN, 4, request)).toEqual({ errorCode: 0 });
    // Java's hash of "g" is 103.
    expect(harness.describe().topics).toEqual([{ topic: '__consumer_offsets', partitions: [3] }]);
  });
});

describe('a restart', () => {
  it('carries out a decision whose markers may be missing', () => {
    const harness = new TransactionHarness();
    const producer = harness.init();
    harness.add(producer, [0, 1]);
    harness.end(producer, true);
    harness.restart();
    expect(harness.markers).toMatchObject([
      { partition: 0, producerEpoch: 1, isCommit: true, transactionVersion: 2 },
      { partition: 1, producerEpoch: 1, isCommit: true, transactionVersion: 2 },
    ]);
    harness.writeMarkers();
    expect(harness.describe().transactionState).toBe('CompleteCommit');
    harness.restart();
    expect(harness.markers).toEqual([]);
    expect(harness.end(producer, true)).toMatchObject({ errorCode: 0, producerEpoch: 1 });
  });

  it('asks again for a marker that could not be written, and not for one of a deleted topic', () => {
    const harness = new TransactionHarness();
    const producer = harness.init();
    harness.add(producer);
    harness.end(producer, false);
    harness.writeMarkers(ERROR.KAFKA_STORAGE_ERROR);
    expect(harness.markers).toEqual([]);
    harness.advance(500);
    expect(harness.markers).toMatchObject([{ partition: 0, isCommit: false }]);
    harness.writeMarkers(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(harness.describe().transactionState).toBe('CompleteAbort');
    expect(harness.shard.nextDeadlineMs()).toBeGreaterThan(harness.nowMs + 500);
  });

  it('reads what transaction.version 0 wrote, which has no tagged fields', () => {
    const harness = new TransactionHarness({ transactionVersion: 0 });
    const producer = harness.init();
    harness.addAsClient(producer);
    expect(harness.log.map(({ value }) => value!.readInt16BE(0))).toEqual([0, 0]);
    harness.restart();
    expect(harness.describe()).toMatchObject({
      transactionState: 'Ongoing',
      transactionStartTimeMs: START_MS,
      transactionTimeoutMs: TIMEOUT_MS,
      producerId: 1000,
    });
  });
});

describe('ListTransactions', () => {
  const list = (harness: TransactionHarness, filters: object): ListTransactionsResponse => {
    const none = { stateFilters: [], producerIdFilters: [], durationFilter: -1 };
    return harness.call(API.LIST_TRANSACTIONS, 2, {
      ...none,
      transactionalIdPattern: null,
      ...filters,
    });
  };

  it('lists what passes all filters', () => {
    const harness = new TransactionHarness();
    harness.add(harness.init());
    harness.initAnswer({}, { transactionalId: 'other' });
    harness.advance(5000);
    const ids = (filters: object) => {
      return list(harness, filters).transactionStates.map((state) => state.transactionalId);
    };
    expect(ids({})).toEqual(['x', 'other']);
    expect(ids({ stateFilters: ['Empty'] })).toEqual(['other']);
    expect(ids({ producerIdFilters: [1000] })).toEqual(['x']);
    expect(ids({ durationFilter: 5000, stateFilters: ['Ongoing'] })).toEqual([]);
    expect(ids({ durationFilter: 4999, stateFilters: ['Ongoing'] })).toEqual(['x']);
    expect(ids({ transactionalIdPattern: 'o.*' })).toEqual(['other']);
    expect(list(harness, { stateFilters: ['Odd'] })).toMatchObject({
      unknownStateFilters: ['Odd'],
      transactionStates: [],
    });
    const { errorCode } = list(harness, { transactionalIdPattern: '(' });
    expect(errorCode).toBe(ERROR.INVALID_REGULAR_EXPRESSION);
  });
});
