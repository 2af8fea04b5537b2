import { describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { FetchedPartition } from '../../src/replication/fetched-partition.ts';
import { truncationPoint } from '../../src/replication/truncation-point.ts';
import { epochsOf } from './epoch-list.ts';

describe('where a follower cuts its log', () => {
  it('is where the leader ended the epoch that both know, or where it did itself', () => {
    const epochs = epochsOf([1, 0], [2, 10], [3, 20]);
    expect(truncationPoint(epochs, 30, 2, 15)).toBe(15);
    expect(truncationPoint(epochs, 30, 2, 25)).toBe(20);
    expect(truncationPoint(epochs, 30, 3, 28)).toBe(28);
    expect(truncationPoint(epochs, 30, 3, 40)).toBe(30);
  });

  it('is the end of the next lower epoch where it does not know that of the leader', () => {
    // KIP-279: the leader has batches of epoch 2, which this one never saw.
    const epochs = epochsOf([1, 0], [3, 20]);
    expect(truncationPoint(epochs, 30, 2, 25)).toBe(20);
    expect(truncationPoint(epochs, 30, 2, 5)).toBe(20);
  });

  it('is where the leader says for a log that knows no such epoch', () => {
    expect(truncationPoint(epochsOf(), 30, 2, 25)).toBe(25);
    expect(truncationPoint(epochsOf(), 30, 2, 45)).toBe(30);
    expect(truncationPoint(epochsOf([5, 0]), 30, 6, 25)).toBe(25);
  });

  it('is its start where all of its epochs are newer', () => {
    expect(truncationPoint(epochsOf([5, 10]), 30, 3, 8)).toBe(8);
    expect(truncationPoint(epochsOf([5, 10]), 30, 3, 25)).toBe(10);
  });
});

function answer(errorCode: number, divergingEpoch = -1) {
  return { errorCode, divergingEpoch };
}

describe('a partition that is fetched', () => {
  it('takes the answer to its last question, in its epoch, and no other', () => {
    const partition = new FetchedPartition(5, 10, 4);
    expect(partition.answered(10, 5, answer(0))).toBe('append');
    partition.logEndsAt(20, 5);
    expect(partition.answered(10, 5, answer(0))).toBe('ignore');
    expect(partition.answered(20, 4, answer(0))).toBe('ignore');
    expect(partition.answered(20, 5, answer(0, 3))).toBe('truncate');
    partition.logEndsAt(12, 4);
    expect(partition.answered(20, 5, answer(0))).toBe('ignore');
    expect([partition.fetchOffset, partition.lastFetchedEpoch]).toEqual([12, 4]);
  });

  it('waits for metadata where the leader has a newer epoch', () => {
    const partition = new FetchedPartition(5, 10, 4);
    expect(partition.answered(10, 5, answer(ERROR.FENCED_LEADER_EPOCH))).toBe('await-metadata');
    expect(partition.isReady(1e9)).toBe(false);
    expect(partition.answered(10, 5, answer(0))).toBe('ignore');
  });

  it('asks again later where the leader does not know of its leadership yet', () => {
    const partition = new FetchedPartition(5, 10, 4);
    for (const error of [
      ERROR.UNKNOWN_LEADER_EPOCH,
      ERROR.NOT_LEADER_OR_FOLLOWER,
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
      ERROR.UNKNOWN_TOPIC_ID,
      ERROR.KAFKA_STORAGE_ERROR,
    ]) {
      expect(partition.answered(10, 5, answer(error))).toBe('back-off');
    }
    partition.waitsUntilMs = 2000;
    expect([partition.isReady(1999), partition.isReady(2000)]).toEqual([false, true]);
  });

  it('finds its place anew where its offset is not in the log of the leader', () => {
    const partition = new FetchedPartition(5, 50, 4);
    expect(partition.answered(50, 5, answer(ERROR.OFFSET_OUT_OF_RANGE))).toBe('ask-bounds');
    expect(partition.place(0, 40)).toEqual({ step: 'truncate', offset: 40 });
    expect(partition.place(60, 90)).toEqual({ step: 'start-anew', offset: 60 });
    expect(partition.place(50, 50)).toEqual({ step: 'go-on', offset: 50 });
    expect(partition.place(10, 90)).toEqual({ step: 'go-on', offset: 50 });
  });
});
