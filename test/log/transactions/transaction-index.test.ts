import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { LogReader } from '../../../src/log/log-reader.ts';
import { OUTCOME } from '../../../src/log/outcome.ts';
import { installStorage, systemStorage } from '../../../src/log/storage.ts';
import { abortedAt } from '../../../src/log/transactions/transaction-index.ts';
import { LeaderCopy } from '../../../src/partition/leader-copy.ts';
import { NOW } from '../fixtures.ts';
import { TransactionalLog } from '../transactional-log.ts';

const ENOSPC = 28;
const TXN_INDEX = '.txnindex';

let log: TransactionalLog;

beforeEach(() => {
  log = new TransactionalLog({ segmentBytes: 500 });
});

afterEach(() => {
  installStorage(systemStorage);
  log.remove();
});

function bases(): number[] {
  return log.partition.log.segments().map(({ baseOffset }) => baseOffset);
}

/** Of each segment: producer, first offset, marker and last stable offset of what it aborts. */
function indexed(): number[][] {
  return bases().flatMap((base) => {
    if (!existsSync(log.fixture.segmentFile(base, TXN_INDEX))) return [];
    const bytes = log.fixture.read(base, TXN_INDEX);
    return Array.from({ length: bytes.length / 34 }, (_, i) => {
      const { producerId, firstOffset, lastOffset, lastStableOffset } = abortedAt(bytes, i);
      return [base, producerId, firstOffset, lastOffset, lastStableOffset];
    });
  });
}

function readerOf(): LogReader {
  const { partition } = log;
  const reader = new LogReader(partition.log.directory);
  for (const { baseOffset, sizeBytes, abortedCount } of partition.log.segments()) {
    reader.addSegment(baseOffset, sizeBytes, abortedCount);
  }
  reader.setEnd(partition.logEnd, partition.abortedCount);
  reader.limits.copy(partition.limits);
  return reader;
}

/** The producers whose aborted records a read of these offsets may hold. */
function abortedIn(reader: LogReader, from: number, bytes: number): number[] {
  expect(reader.read(from, bytes, true)).toBe(OUTCOME.OK);
  expect(reader.readAborted(from)).toBe(OUTCOME.OK);
  return reader.aborted.map(({ producerId }) => producerId);
}

describe('the transaction index of a segment', () => {
  it('has the bytes that Kafka writes', () => {
    log.writePlain();
    log.write(0x0102030405);
    log.write(7);
    log.abort(7);
    expect(log.fixture.read(0, TXN_INDEX).toString('hex')).toBe(
      ['0000', '0000000000000007', '0000000000000002', '0000000000000003', '0000000000000001'].join(
        '',
      ),
    );
    log.abort(0x0102030405);
    expect(log.fixture.read(0, TXN_INDEX).subarray(34).toString('hex')).toBe(
      ['0000', '0000000102030405', '0000000000000001', '0000000000000004', '0000000000000005'].join(
        '',
      ),
    );
  });

  it('is not there where nothing was aborted', () => {
    log.write(1);
    log.commit(1);
    log.abort(2);
    log.reopen(true);
    expect(existsSync(log.fixture.segmentFile(0, TXN_INDEX))).toBe(false);
  });

  it('is that of the segment which holds the marker', () => {
    log.write(1);
    for (let i = 0; i < 8; i++) log.writePlain();
    const base = bases().at(-1)!;
    expect(base).toBeGreaterThan(0);
    log.abort(1);
    expect(indexed()).toEqual([[base, 1, 0, 9, 10]]);
  });

  it.each([
    ['a clean stop', true],
    ['a crash', false],
  ])('is the same after %s', (_name, isClean) => {
    for (let round = 0; round < 6; round++) {
      log.write(1);
      log.write(2);
      log.abort(1);
      if (round % 2 === 0) log.abort(2);
      else log.commit(2);
    }
    const before = indexed();
    expect(before.length).toBe(9);
    expect(bases().length).toBeGreaterThan(2);
    if (!isClean) for (const [base] of before) corrupt(base!);
    log.reopen(isClean);
    expect(indexed()).toEqual(before);
    expect(abortedIn(readerOf(), 0, 1)).toEqual([1]);
    expect(abortedIn(readerOf(), 1, 1)).toEqual([1, 2]);
  });

  it('is written anew where a file is no index', () => {
    log.write(1);
    log.abort(1);
    const before = indexed();
    log.partition.log.close(true);
    writeFileSync(log.fixture.segmentFile(0, TXN_INDEX), Buffer.alloc(33));
    log.open(2);
    expect(indexed()).toEqual(before);
  });

  it('loses what a crash made of a transaction that it did not end', () => {
    log.write(1);
    log.abort(1);
    log.write(2);
    log.partition.log.close(false);
    // The entry of a marker that did not reach the log.
    const bytes = log.fixture.read(0, TXN_INDEX);
    writeFileSync(log.fixture.segmentFile(0, TXN_INDEX), Buffer.concat([bytes, bytes]));
    log.open();
    expect(indexed()).toEqual([[0, 1, 0, 1, 2]]);
  });

  it('does not count an entry whose marker the disk refused', () => {
    log.write(1);
    log.write(2);
    installStorage({ ...systemStorage, append: () => ENOSPC });
    expect(log.end(1, false)).toBe(ERROR.KAFKA_STORAGE_ERROR);
    installStorage(systemStorage);
    expect(log.partition.abortedCount).toBe(0);
    expect(log.partition.limits.lastStable.offset).toBe(0);
    log.abort(2);
    expect(indexed()).toEqual([[0, 2, 1, 2, 0]]);
    installStorage({ ...systemStorage, append: () => ENOSPC });
    expect(log.end(1, false)).toBe(ERROR.KAFKA_STORAGE_ERROR);
    installStorage(systemStorage);
    log.reopen(true);
    expect(indexed()).toEqual([[0, 2, 1, 2, 0]]);
    log.commit(1);
  });

  it('appends no marker where the disk refuses the entry', () => {
    log.write(1);
    installStorage({
      ...systemStorage,
      write(fd, bytes, at) {
        if (bytes.length === 34) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        systemStorage.write(fd, bytes, at);
      },
    });
    expect(log.end(1, false)).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(log.partition.logEndOffset).toBe(1);
    installStorage(systemStorage);
    log.abort(1);
    expect(indexed()).toEqual([[0, 1, 0, 1, 2]]);
  });

  it('goes with its segment', () => {
    log.write(1);
    log.abort(1);
    for (let i = 0; i < 8; i++) log.writePlain();
    log.partition.log.deleteRecordsBefore(bases()[1]!, NOW);
    expect(existsSync(log.fixture.segmentFile(0, TXN_INDEX))).toBe(false);
  });

  it('ends where a truncation ends the log', () => {
    log.write(1);
    log.write(2);
    log.abort(1);
    log.abort(2);
    const { partition } = log;
    partition.becomeFollower(partition.leaderEpoch + 1);
    expect(new LeaderCopy(partition).truncateTo(3, NOW)).toBe(0);
    expect(indexed()).toEqual([[0, 1, 0, 2, 1]]);
    expect(partition.abortedCount).toBe(1);
    expect(partition.log.producers.entry(2)!.currentTxnFirstOffset).toBe(1);
    expect(partition.limits.lastStable.offset).toBe(1);
  });

  it('is written by a follower as its leader wrote it', () => {
    const leader = log;
    leader.write(1);
    leader.write(2);
    leader.abort(1);
    leader.commit(2);
    const bytes = leader.fixture.read(0).subarray(0, leader.partition.log.sizeBytes);
    log = new TransactionalLog();
    log.partition.becomeFollower(1);
    const copy = Buffer.from(bytes);
    expect(new LeaderCopy(log.partition).append(copy, 0, copy.length, NOW)).toBe(0);
    log.partition.learnHighWatermark(4);
    expect(indexed()).toEqual([[0, 1, 0, 2, 1]]);
    expect(log.partition.limits.lastStable.offset).toBe(4);
    leader.remove();
  });
});

describe('a reader', () => {
  it('finds every aborted transaction with records in what it read, wherever its marker is', () => {
    log.write(1);
    log.write(2);
    for (let i = 0; i < 10; i++) log.writePlain();
    log.commit(2);
    log.abort(1);
    log.write(3);
    log.abort(3);
    const reader = readerOf();
    expect(abortedIn(reader, 0, 1)).toEqual([1]);
    expect(abortedIn(reader, 1, 1)).toEqual([1]);
    expect(abortedIn(reader, 13, 1)).toEqual([1]);
    expect(abortedIn(reader, 14, 1)).toEqual([3]);
    expect(abortedIn(reader, 15, 1)).toEqual([3]);
  });

  it('finds none in a log that aborted none, and does not look for files', () => {
    log.write(1);
    log.commit(1);
    expect(abortedIn(readerOf(), 0, 10_000)).toEqual([]);
  });

  it('goes by what the owner told', () => {
    log.write(1);
    const reader = readerOf();
    log.abort(1);
    const { partition } = log;
    reader.setEnd(partition.logEnd, 0);
    reader.limits.copy(partition.limits);
    expect(abortedIn(reader, 0, 10_000)).toEqual([]);
    reader.setEnd(partition.logEnd, partition.abortedCount);
    expect(abortedIn(reader, 0, 10_000)).toEqual([1]);
  });

  it('fails where the index is gone: what is aborted must not be read as committed', () => {
    log.write(1);
    log.abort(1);
    unlinkSync(log.fixture.segmentFile(0, TXN_INDEX));
    const reader = readerOf();
    expect(reader.read(0, 10_000, true)).toBe(OUTCOME.OK);
    expect(reader.readAborted(0)).toBe(OUTCOME.STORAGE_FAILED);
    expect(reader.missesFile).toBe(true);
  });
});

describe('a producer snapshot', () => {
  it('has the open transactions and the epochs of coordinators', () => {
    log.write(1);
    log.commit(1);
    log.write(2);
    log.write(1);
    log.reopen(true);
    const { producers } = log.partition.log;
    expect(producers.entry(1)).toMatchObject({ coordinatorEpoch: 3, currentTxnFirstOffset: 3 });
    expect(producers.entry(2)).toMatchObject({ coordinatorEpoch: -1, currentTxnFirstOffset: 2 });
    expect(log.partition.limits.lastStable.offset).toBe(2);
    log.abort(2);
    expect(log.partition.limits.lastStable.offset).toBe(3);
  });
});

function corrupt(base: number): void {
  writeFileSync(log.fixture.segmentFile(base, TXN_INDEX), Buffer.from('not what was written'));
}
