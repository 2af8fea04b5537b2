/** Fetches of other brokers, which copy the partitions that this one leads. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { ControlAnswer, ControlCommand } from '../../../src/exchange/control.ts';
import type { ReplicaThrottle } from '../../../src/front/partitions/replica-throttle.ts';
import { BATCH_BYTES, type Fetching, FrontOfFetches } from './front-of-fetches.ts';

const LEADER_EPOCH = 3;

let front: FrontOfFetches;

beforeEach(() => {
  vi.useFakeTimers();
  front = new FrontOfFetches(2);
  for (const mirror of front.mirrors) mirror.leaderEpoch = LEADER_EPOCH;
});

afterEach(() => {
  vi.useRealTimers();
});

/** The worker has answered by then. */
function settled(): Promise<unknown> {
  return vi.advanceTimersByTimeAsync(0);
}

/** Of the first partition. */
function resultOf({ response }: Fetching) {
  const found = response?.responses[0]?.partitions.find((each) => each.partitionIndex === 0);
  if (found === undefined) return null;
  const { errorCode, highWatermark, divergingEpoch, records } = found;
  return { errorCode, highWatermark, divergingEpoch, bytes: records!.length };
}

/** What the worker was told of the partition with this slot, oldest first. */
function told(slot = 0) {
  return front.commands.flatMap((command) => {
    const { fetches } = command as ControlCommand<'replicas-fetched'>;
    return (fetches ?? []).filter((fetch) => fetch.slot === slot).map(({ offset }) => offset);
  });
}

describe('a follower', () => {
  it('reads up to the log end, and hears of the high watermark', async () => {
    front.grow(0, 3, 1, 1);
    const fetching = front.follow();
    await settled();
    const bytes = 3 * BATCH_BYTES;
    expect(resultOf(fetching)).toMatchObject({ errorCode: 0, highWatermark: 1, bytes });
    expect(
      front.fetch({ maxWaitMs: 0 }).response!.responses[0]!.partitions[0]!.records,
    ).toHaveLength(BATCH_BYTES);
  });

  it('waits for the log end to grow, not for the high watermark', async () => {
    front.grow(0, 3, 1, 1);
    const fetching = front.follow({ fetchOffset: 3 });
    front.grow(1, 3, 1, 1);
    await settled();
    expect(fetching.response).toBeNull();
    expect(front.watcherCount).toBe(2);
    front.grow(0, 3, 3, 3);
    front.drained();
    expect(fetching.response).toBeNull();
    front.grow(0, 4, 3, 3);
    front.drained();
    expect(resultOf(fetching)).toMatchObject({ highWatermark: 3, bytes: BATCH_BYTES });
    expect(front.watcherCount).toBe(0);
  });

  it('is read to when the worker knows how far it is, and not before', async () => {
    let answered: ((answer: ControlAnswer) => void) | null = null;
    front.answer = () => new Promise((resolve) => (answered = resolve));
    front.grow(0, 2, 0, 0);
    const fetching = front.follow();
    await settled();
    expect(front.commands).toEqual([
      {
        kind: 'replicas-fetched',
        fetches: [0, 1].map((slot) => {
          return { slot, replicaId: 2, brokerEpoch: 20, offset: 0, startOffset: 0 };
        }),
      },
    ]);
    expect(front.readCount).toBe(0);
    answered!({ error: 0, errors: [0, 0] } as ControlAnswer);
    await settled();
    expect(resultOf(fetching)).toMatchObject({ bytes: 2 * BATCH_BYTES });
  });

  it('gets the error of the partition that its worker refuses it, and records of the others', async () => {
    const errors = [ERROR.UNKNOWN_LEADER_EPOCH, 0];
    front.answer = async () => ({ error: 0, errors }) as ControlAnswer;
    front.grow(0, 1);
    front.grow(1, 1);
    const asked = { currentLeaderEpoch: LEADER_EPOCH };
    const fetching = front.follow(asked);
    await settled();
    expect(resultOf(fetching)).toMatchObject({ errorCode: ERROR.UNKNOWN_LEADER_EPOCH, bytes: 0 });
    expect(fetching.response!.responses[0]!.partitions[1]!.records).toHaveLength(BATCH_BYTES);
    const old = front.follow();
    await settled();
    expect(resultOf(old)!.errorCode).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
  });

  it('that diverges is told where, and counts for nothing', async () => {
    front.grow(0, 5);
    front.grow(1, 9);
    front.answer = async (command) => {
      if (command.kind !== 'end-of-epoch') return { error: 0, errors: [0] } as ControlAnswer;
      const offset = command.slot === 0 ? 4 : 8;
      return { error: 0, leaderEpoch: 2, offset } as ControlAnswer;
    };
    const fetching = front.follow({ fetchOffset: 5, lastFetchedEpoch: 2 });
    await settled();
    expect(resultOf(fetching)).toMatchObject({
      divergingEpoch: { epoch: 2, endOffset: 4 },
      bytes: 0,
    });
    expect([told(0), told(1)]).toEqual([[], [5]]);
  });

  it('that is behind the log end, or before its start, counts for nothing', async () => {
    front.grow(0, 5);
    front.grow(1, 7);
    const fetching = front.follow({ fetchOffset: 6 });
    await settled();
    expect(resultOf(fetching)!.errorCode).toBe(ERROR.OFFSET_OUT_OF_RANGE);
    expect([told(0), told(1)]).toEqual([[], [6]]);
  });

  it('that may not act for the cluster learns nothing', async () => {
    front.grow(0, 1);
    const fetching = front.follow({}, false);
    await settled();
    const denied = { errorCode: ERROR.TOPIC_AUTHORIZATION_FAILED, bytes: 0 };
    expect(resultOf(fetching)).toMatchObject(denied);
    expect(front.commands).toEqual([]);
  });
});

describe('a throttled follower', () => {
  const counted: number[] = [];

  beforeEach(() => {
    counted.length = 0;
    front.throttle = {
      isSet: true,
      isExceeded: false,
      concerns: (_topicId: string, index: number) => index === 0,
      count: (bytes: number) => void counted.push(bytes),
    } as unknown as ReplicaThrottle;
    front.grow(0, 2);
    front.grow(1, 3);
  });

  const follow = async () => {
    const fetching = front.follow({ maxWaitMs: 0 });
    await settled();
    return fetching.response!.responses[0]!.partitions.map(({ records }) => records!.length);
  };

  it('has counted what it copies of the partitions that are named', async () => {
    expect(await follow()).toEqual([2 * BATCH_BYTES, 3 * BATCH_BYTES]);
    expect(counted).toEqual([2 * BATCH_BYTES]);
  });

  it('gets no records of them over the rate, unless it is in sync', async () => {
    front.throttle = { ...front.throttle!, isExceeded: true } as unknown as ReplicaThrottle;
    expect(await follow()).toEqual([2 * BATCH_BYTES, 3 * BATCH_BYTES]);
    front.inSync = [1];
    expect(await follow()).toEqual([0, 3 * BATCH_BYTES]);
  });

  it('waits over the rate', async () => {
    front.throttle = { ...front.throttle!, isExceeded: true } as unknown as ReplicaThrottle;
    front.inSync = [1];
    front.grow(1, 0);
    const fetching = front.follow({ maxWaitMs: 500 });
    await settled();
    front.grow(0, 3);
    front.drained();
    expect(fetching.response).toBeNull();
    vi.advanceTimersByTime(520);
    expect(resultOf(fetching)).toMatchObject({ errorCode: 0, bytes: 0 });
  });
});

describe('the session of a follower', () => {
  async function next(sessionId: number, sessionEpoch: number, asked: object = {}) {
    const fetching = front.follow({ maxWaitMs: 0, sessionId, sessionEpoch, ...asked });
    await settled();
    return fetching.response!;
  }

  it('spares the worker what it heard a moment ago', async () => {
    front.grow(0, 9);
    front.grow(1, 9);
    const { sessionId } = await next(0, 0);
    await next(sessionId, 1);
    expect(told()).toEqual([0]);
    await next(sessionId, 2, { fetchOffset: 4 });
    expect(told()).toEqual([0, 4]);
    for (const mirror of front.mirrors) mirror.leaderEpoch++;
    await next(sessionId, 3, { fetchOffset: 4 });
    expect(told()).toEqual([0, 4, 4]);
    front.clock.advance(500);
    await next(sessionId, 4, { fetchOffset: 4 });
    expect(told()).toEqual([0, 4, 4, 4]);
  });

  it('tells again what was refused', async () => {
    front.answer = async () =>
      ({ error: 0, errors: [ERROR.UNKNOWN_LEADER_EPOCH, 0] }) as ControlAnswer;
    const { sessionId } = await next(0, 0);
    await next(sessionId, 1);
    expect([told(0), told(1)]).toEqual([[0, 0], [0]]);
  });

  it('asks once where an epoch ended', async () => {
    front.grow(0, 9);
    front.grow(1, 9);
    front.answer = async (command) => {
      if (command.kind !== 'end-of-epoch') return { error: 0, errors: [0, 0] } as ControlAnswer;
      return { error: 0, leaderEpoch: 2, offset: 9 } as ControlAnswer;
    };
    const asked = { fetchOffset: 9, lastFetchedEpoch: 2 };
    const { sessionId } = await next(0, 0, asked);
    await next(sessionId, 1, asked);
    const askedEnds = () => front.commands.filter(({ kind }) => kind === 'end-of-epoch').length;
    expect(askedEnds()).toBe(2);
    await next(sessionId, 2, { ...asked, lastFetchedEpoch: 1 });
    expect(askedEnds()).toBe(4);
  });

  it('names a partition again where the high watermark or the start of the log moved', async () => {
    front.grow(0, 9, 9, 4);
    front.grow(1, 9);
    const asked = { fetchOffset: 9 };
    const { sessionId } = await next(0, 0, asked);
    expect((await next(sessionId, 1, asked)).responses).toEqual([]);
    front.grow(0, 9, 9, 5);
    const { responses } = await next(sessionId, 2, asked);
    expect(responses[0]!.partitions).toMatchObject([{ partitionIndex: 0, highWatermark: 5 }]);
    front.mirrors[1]!.logStartOffset = 2;
    const [moved] = (await next(sessionId, 3, asked)).responses[0]!.partitions;
    expect(moved).toMatchObject({ partitionIndex: 1, logStartOffset: 2 });
  });

  it('hears at once where the high watermark is, if consumers may be sent to followers', async () => {
    const grow = (highWatermark: number) => {
      front.grow(0, 9, 9, highWatermark);
      front.drained();
    };
    grow(4);
    const waiting = { fetchOffset: 9, maxWaitMs: 60_000 };
    const follow = async (sessionId: number, sessionEpoch: number) => {
      const fetching = front.follow({ ...waiting, sessionId, sessionEpoch });
      await settled();
      return fetching;
    };
    front.grow(1, 9);
    const { sessionId } = await next(0, 0, { fetchOffset: 9 });
    const parked = await follow(sessionId, 1);
    expect(parked.response).toBeNull();
    grow(6);
    expect(resultOf(parked)).toMatchObject({ highWatermark: 6, bytes: 0 });
    grow(7);
    expect(resultOf(await follow(sessionId, 2))).toMatchObject({ highWatermark: 7 });
    front.readsByRack = false;
    grow(7);
    const patient = await follow(sessionId, 3);
    grow(9);
    expect(patient.response).toBeNull();
  });

  it('is ended by no session of a consumer', async () => {
    const { sessionId } = await next(0, 0);
    for (let i = 0; i < 20; i++) front.fetch({ maxWaitMs: 0, sessionEpoch: 0 });
    expect((await next(sessionId, 1)).errorCode).toBe(0);
    expect(front.sessions.count).toBe(10);
  });
});

describe('the answers to a follower', () => {
  let sessionId: number;

  /** Both partitions have a record, and the follower has got it. */
  beforeEach(async () => {
    front.readsByRack = false;
    front.grow(0, 1);
    front.grow(1, 1);
    const first = front.follow({ sessionEpoch: 0 });
    await settled();
    sessionId = first.response!.sessionId;
  });

  async function comeBack(sessionEpoch: number, fetchOffset: number): Promise<Fetching> {
    const fetching = front.follow({ sessionId, sessionEpoch, fetchOffset });
    await settled();
    return fetching;
  }

  async function pass(ms: number): Promise<void> {
    front.clock.advance(ms);
    await vi.advanceTimersByTimeAsync(ms);
  }

  it('hold what came while the one before was on its way, and a little more', async () => {
    front.grow(0, 2);
    const fetching = await comeBack(1, 1);
    expect(fetching.response).toBeNull();
    front.grow(0, 3);
    front.drained();
    expect(fetching.response).toBeNull();
    await pass(2);
    expect(resultOf(fetching)).toMatchObject({ bytes: 2 * BATCH_BYTES });
  });

  it('come at once where nothing comes before the follower has answered', async () => {
    for (let end = 1; end < 5; end++) {
      const fetching = await comeBack(end, end);
      front.grow(0, end + 1);
      front.grow(1, end + 1);
      front.drained();
      expect(resultOf(fetching)).toMatchObject({ bytes: BATCH_BYTES });
    }
  });

  it('come at once where there is much, where some time has passed, and at a stop', async () => {
    front.grow(0, 3000);
    expect(resultOf(await comeBack(1, 1))).toMatchObject({ bytes: 2999 * BATCH_BYTES });
    await pass(2);
    front.grow(0, 3001);
    front.grow(1, 3000);
    expect(resultOf(await comeBack(2, 3000))).toMatchObject({ bytes: BATCH_BYTES });
    front.grow(0, 3002);
    front.grow(1, 3001);
    const fetching = await comeBack(3, 3001);
    expect(fetching.response).toBeNull();
    fetching.call.onHurried!();
    await settled();
    expect(resultOf(fetching)).toMatchObject({ bytes: BATCH_BYTES });
  });
});
