/** Consumers that read from followers (KIP-392). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { BATCH_BYTES, type Fetching, FrontOfFetches } from './front-of-fetches.ts';

const FOLLOWER = 2;
const HERE = -1;

let front: FrontOfFetches;

beforeEach(() => {
  vi.useFakeTimers();
  front = new FrontOfFetches(1);
  front.racks.set(FOLLOWER, 'b');
  front.grow(0, 5);
});

afterEach(() => {
  vi.useRealTimers();
});

async function followed(fetchOffset: number): Promise<void> {
  front.follow({ maxWaitMs: 0, fetchOffset });
  await vi.advanceTimersByTimeAsync(0);
}

function resultOf({ response }: Fetching) {
  const [found] = response!.responses[0]!.partitions;
  const { errorCode, preferredReadReplica: replica, highWatermark, records } = found!;
  return { errorCode, replica, highWatermark, bytes: records!.length };
}

describe('a consumer that names its rack', () => {
  const at = (fetchOffset: number, rack = 'b') => {
    return resultOf(front.fetchNear(rack, { fetchOffset })).replica;
  };

  it('is sent to a follower there that has what it asks for, and gets no records', async () => {
    expect(at(0)).toBe(HERE);
    await followed(3);
    const sent = { errorCode: 0, replica: FOLLOWER, highWatermark: 5, bytes: 0 };
    expect(resultOf(front.fetchNear('b'))).toEqual(sent);
    expect(at(3)).toBe(FOLLOWER);
    expect(at(4)).toBe(HERE);
  });

  it('stays with a leader in its rack, and where no broker is in it', async () => {
    await followed(3);
    expect(at(0, 'a')).toBe(HERE);
    expect(at(0, 'c')).toBe(HERE);
    front.racks.set(FOLLOWER, 'a');
    expect(at(0, 'a')).toBe(HERE);
  });

  it('is not sent to who is not in sync, or not reachable, or followed another leader', async () => {
    await followed(3);
    front.inSync = [1];
    expect(at(0)).toBe(HERE);
    front.inSync = [1, FOLLOWER];
    front.racks.delete(FOLLOWER);
    expect(at(0)).toBe(HERE);
    front.racks.set(FOLLOWER, 'b');
    expect(at(0)).toBe(FOLLOWER);
    front.mirrors[0]!.leaderEpoch++;
    expect(at(0)).toBe(HERE);
  });

  it('is told in its session, and at once', async () => {
    const opened = front.fetchNear('b', { sessionEpoch: 0, fetchOffset: 5 });
    const { sessionId } = opened.response!;
    await followed(5);
    const waiting = { maxWaitMs: 60_000, sessionId, sessionEpoch: 1, fetchOffset: 5 };
    expect(resultOf(front.fetchNear('b', waiting)).replica).toBe(FOLLOWER);
  });
});

describe('a follower', () => {
  it('serves consumers up to its high watermark, of versions that can be sent to it', () => {
    front.mirrors[0]!.isLeader = false;
    front.grow(0, 5, 2, 2);
    expect(resultOf(front.fetch({ maxWaitMs: 0 }))).toMatchObject({ bytes: 2 * BATCH_BYTES });
    front.version = 10;
    const { NOT_LEADER_OR_FOLLOWER: errorCode } = ERROR;
    expect(resultOf(front.fetch({ maxWaitMs: 0 }))).toMatchObject({ errorCode, bytes: 0 });
  });

  it('does not serve followers', async () => {
    front.mirrors[0]!.isLeader = false;
    const fetching = front.follow({ maxWaitMs: 0 });
    await vi.advanceTimersByTimeAsync(0);
    const { NOT_LEADER_OR_FOLLOWER: errorCode } = ERROR;
    expect(resultOf(fetching)).toMatchObject({ errorCode, bytes: 0 });
    expect(front.commands).toEqual([]);
  });
});
