import { beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { FollowedPartition } from '../../../src/front/replicas/followed-partition.ts';
import { LeaderSession } from '../../../src/front/replicas/leader-session.ts';
import type { FetchResponse } from '../../../src/protocol/schema/01-fetch.ts';

const TOPIC_ID = 'qqqqqqqqQQGqqqqqqqqqqg';
const NOW = 1000;

let session: LeaderSession;
/** Partition 1 is throttled. */
let isExceeded: boolean;

beforeEach(() => {
  isExceeded = false;
  const throttle = { concerns: (_: string, index: number) => index === 1, count() {} };
  session = new LeaderSession({
    ...throttle,
    get isExceeded() {
      return isExceeded;
    },
  });
});

function add(index: number): FollowedPartition {
  const mirror = new PartitionMirror(index, 0, 'topic', TOPIC_ID, index, '', 1);
  const partition = new FollowedPartition(mirror, 1);
  partition.startAt(0, -1, 0);
  session.add(partition);
  return partition;
}

function answerOf(sessionId: number, indexes: readonly number[], errorCode = 0): FetchResponse {
  const partitions = indexes.map((partitionIndex) => ({ partitionIndex })) as never;
  const responses = indexes.length === 0 ? [] : [{ topic: '', topicId: TOPIC_ID, partitions }];
  return { throttleTimeMs: 0, errorCode, sessionId, responses, nodeEndpoints: [] };
}

/** The next request as the partitions that it names and those that it forgets. */
function next(nowMs = NOW) {
  const request = session.request(nowMs);
  if (request === null) return null;
  const { sessionId, sessionEpoch, asked, forgotten } = request;
  const indexes = (all: readonly FollowedPartition[]) => all.map(({ index }) => index);
  return [sessionId, sessionEpoch, indexes(asked), indexes(forgotten)];
}

describe("a leader's session", () => {
  it('begins with all partitions, and names what changes', () => {
    expect(next()).toBeNull();
    const [first, second] = [add(0), add(1)];
    expect(next()).toEqual([0, 0, [0, 1], []]);
    expect(session.answered(answerOf(7, [0, 1]))).toBe('take');
    expect(next()).toEqual([7, 1, [], []]);
    expect(session.answered(answerOf(7, []))).toBe('take');
    first.fetched!.logEndsAt(5, 1);
    session.touch(first);
    second.isLeft = true;
    session.touch(second);
    add(2);
    expect(next()).toEqual([7, 2, [0, 2], [1]]);
    expect(session.size).toBe(2);
    expect(session.answered(answerOf(7, [1]))).toBe('back-off');
    expect(next()).toEqual([7, 0, [2, 0], []]);
  });

  it('leaves out what waits, and says for how long nothing is due', () => {
    const [first, second] = [add(0), add(1)];
    first.fetched!.waitsUntilMs = NOW + 30;
    second.fetched!.waitsUntilMs = NOW + 50;
    expect(next()).toBeNull();
    expect(session.idleMs(NOW)).toBe(30);
    expect(next(NOW + 30)).toEqual([0, 0, [0], []]);
    session.answered(answerOf(7, [0]));
    first.fetched!.waitsUntilMs = NOW + 90;
    session.touch(first);
    expect(next(NOW + 50)).toEqual([7, 1, [1], [0]]);
    session.answered(answerOf(7, []));
    expect(session.idleMs(NOW + 50)).toBe(40);
    expect(next(NOW + 90)).toEqual([7, 2, [0], []]);
  });

  it('leaves out what is throttled while the rate is exceeded, unless it is caught up', () => {
    const [, second] = [add(0), add(1)];
    isExceeded = true;
    expect(next()).toEqual([0, 0, [0], []]);
    session.answered(answerOf(7, [0]));
    second.toldHighWatermark = 0;
    expect(next(NOW + 200)).toEqual([7, 1, [1], []]);
    session.answered(answerOf(7, []));
    second.toldHighWatermark = 5;
    session.touch(second);
    expect(next(NOW + 300)).toEqual([7, 2, [], [1]]);
    session.answered(answerOf(7, []));
    isExceeded = false;
    expect(next(NOW + 500)).toEqual([7, 3, [1], []]);
  });

  it('tells where logs begin that retention has shortened', () => {
    const partition = add(0);
    next();
    session.answered(answerOf(7, [0]));
    partition.mirror.logStartOffset = 3;
    expect(next(NOW + 10)).toEqual([7, 1, [], []]);
    session.answered(answerOf(7, []));
    expect(next(NOW + 1000)).toEqual([7, 2, [0], []]);
    expect(partition.askedStart).toBe(3);
  });

  it('is begun anew where the leader lost it, and later where that happens twice', () => {
    add(0);
    next();
    session.answered(answerOf(7, [0]));
    next();
    expect(session.answered(answerOf(0, [], ERROR.FETCH_SESSION_ID_NOT_FOUND))).toBe('ask-again');
    expect(next()).toEqual([0, 0, [0], []]);
    expect(session.answered(answerOf(0, [], ERROR.FETCH_SESSION_ID_NOT_FOUND))).toBe('back-off');
    next();
    session.answered(answerOf(8, [0]));
    next();
    expect(session.answered(answerOf(0, [], ERROR.INVALID_FETCH_SESSION_EPOCH))).toBe('ask-again');
    expect(next()).toEqual([8, 0, [0], []]);
    expect(session.answered(answerOf(0, [], ERROR.CLUSTER_AUTHORIZATION_FAILED))).toBe('back-off');
  });

  it('is begun anew after a connection was lost, and the leader ends the old one by it', () => {
    add(0);
    next();
    session.answered(answerOf(7, [0]));
    next();
    session.lost();
    expect(next()).toEqual([7, 0, [0], []]);
  });

  it('begins each full request one further where the leader keeps none', () => {
    for (const index of [0, 1, 2]) add(index);
    const firsts = [0, 1, 2, 3].map(() => {
      const [, , asked] = next() as [number, number, number[]];
      session.answered(answerOf(0, [0, 1, 2]));
      return asked[0];
    });
    expect(firsts).toEqual([0, 1, 2, 0]);
  });

  it('names no more than a leader takes at once, and the others behind them', () => {
    for (let index = 0; index < 10_000; index++) add(index);
    const named: number[] = [];
    const parts = [0, 1, 2].map(() => {
      const { asked, isPart } = session.request(NOW)!;
      const indexes = asked.map(({ index }) => index);
      named.push(...indexes);
      expect(session.answered(answerOf(7, indexes))).toBe('take');
      return [asked.length, isPart];
    });
    expect(parts).toEqual([
      [4096, true],
      [4096, true],
      [1808, false],
    ]);
    expect(new Set(named).size).toBe(10_000);
    expect(next()).toEqual([7, 3, [], []]);
  });

  it('names others with each full request where the leader keeps no session', () => {
    for (let index = 0; index < 10_000; index++) add(index);
    const firsts = [0, 1, 2].map(() => {
      const { asked } = session.request(NOW)!;
      expect(asked).toHaveLength(4096);
      session.answered(
        answerOf(
          0,
          asked.map(({ index }) => index),
        ),
      );
      return asked[0]!.index;
    });
    expect(firsts).toEqual([0, 4096, 8192]);
  });

  it('takes no full answer that lacks partitions', () => {
    for (const index of [0, 1]) add(index);
    next();
    expect(session.answered(answerOf(7, [0]))).toBe('back-off');
    expect(next()).toEqual([0, 0, [1, 0], []]);
  });
});
