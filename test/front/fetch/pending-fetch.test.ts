import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { OUTCOME } from '../../../src/log/outcome.ts';
import { BATCH_BYTES, type Fetching, FrontOfFetches } from './front-of-fetches.ts';

const PARTITIONS = 20;
let front: FrontOfFetches;

beforeEach(() => {
  vi.useFakeTimers();
  front = new FrontOfFetches(PARTITIONS);
});

afterEach(() => {
  vi.useRealTimers();
});

/** Of each partition of an answer, by its index. */
function results({ response }: Fetching) {
  const all = response?.responses.flatMap(({ partitions }) => partitions) ?? [];
  return all.map(({ partitionIndex, errorCode, records }) => {
    return { partition: partitionIndex, error: errorCode, bytes: records!.length };
  });
}

function recordBytes(fetching: Fetching): number {
  return results(fetching).reduce((sum, { bytes }) => sum + bytes, 0);
}

describe('a fetch', () => {
  it('answers at once where there is as much as it wants', () => {
    front.grow(3, 2);
    const fetching = front.fetch();
    expect(results(fetching)[3]).toEqual({ partition: 3, error: 0, bytes: 2 * BATCH_BYTES });
    expect(results(fetching)).toHaveLength(PARTITIONS);
    expect(front.watcherCount).toBe(0);
  });

  it('answers at once where it may not wait, asks for nothing, or the broker stops', () => {
    expect(front.fetch({ maxWaitMs: 0 }).response).not.toBeNull();
    expect(new FrontOfFetches(0).fetch().response).not.toBeNull();
    front.stopping = true;
    expect(front.fetch().response).not.toBeNull();
  });

  it('waits for records, and ends with what there is when its time is over', () => {
    const fetching = front.fetch({ maxWaitMs: 500 });
    expect(front.watcherCount).toBe(PARTITIONS);
    vi.advanceTimersByTime(500);
    expect(fetching.response).toBeNull();
    vi.advanceTimersByTime(12);
    expect(recordBytes(fetching)).toBe(0);
    expect(results(fetching)).toHaveLength(PARTITIONS);
    expect(front.watcherCount).toBe(0);
  });

  it('opens logs that nobody read before, and answers then', async () => {
    const reader = front.mirrors[1]!.reader;
    front.mirrors[1]!.reader = null;
    front.load = async (mirror) => {
      mirror.reader = reader;
    };
    front.grow(1, 1);
    const fetching = front.fetch();
    expect(fetching.response).toBeNull();
    await vi.advanceTimersByTimeAsync(0);
    expect(results(fetching)[1]!.bytes).toBe(BATCH_BYTES);
  });

  it('tells how far a log may be read that is about to be opened again', () => {
    const one = new FrontOfFetches(1);
    one.grow(0, 3);
    const fetching = one.fetch({ fetchOffset: 3, maxWaitMs: 500 });
    one.mirrors[0]!.dropReader();
    vi.advanceTimersByTime(512);
    const [told] = fetching.response!.responses[0]!.partitions;
    expect(told).toMatchObject({ errorCode: 0, highWatermark: 3, lastStableOffset: 3 });
  });

  it('ends its call, and nobody else, where a log cannot be opened for a defect', async () => {
    const defect = new Error('a defect');
    front.mirrors[1]!.reader = null;
    front.load = () => Promise.reject(defect);
    const fetching = front.fetch();
    await vi.advanceTimersByTimeAsync(0);
    expect(fetching.failure).toBe(defect);
    expect(front.watcherCount).toBe(0);
  });
});

describe('a parked fetch', () => {
  it('reads each partition once for a drained batch in which many of them grew', () => {
    const fetching = front.fetch();
    const before = front.readCount;
    for (let i = 0; i < PARTITIONS; i++) front.grow(i, 1);
    expect(fetching.response).toBeNull();
    front.drained();
    expect(recordBytes(fetching)).toBe(PARTITIONS * BATCH_BYTES);
    expect(front.readCount - before).toBe(PARTITIONS);
    expect(front.watcherCount).toBe(0);
  });

  it('reads nothing until all of min.bytes is there', () => {
    const fetching = front.fetch({ minBytes: 10 * BATCH_BYTES });
    const before = front.readCount;
    for (let end = 1; end < 5; end++) {
      front.grow(0, end);
      front.grow(1, end);
      front.drained();
    }
    expect(fetching.response).toBeNull();
    expect(front.readCount - before).toBe(0);
    front.grow(2, 2);
    front.drained();
    expect(recordBytes(fetching)).toBe(10 * BATCH_BYTES);
    expect(front.readCount - before).toBe(3);
  });

  it('counts of a partition no more than the client takes of it', () => {
    const asked = { minBytes: 4 * BATCH_BYTES, partitionBytes: 2 * BATCH_BYTES };
    const fetching = front.fetch(asked);
    front.grow(0, 100);
    front.drained();
    expect(fetching.response).toBeNull();
    front.grow(1, 100);
    front.drained();
    expect(recordBytes(fetching)).toBe(4 * BATCH_BYTES);
  });

  it('waits for committed records where it reads no others', () => {
    const committed = front.fetch({ isolationLevel: 1 });
    const all = front.fetch();
    front.grow(0, 3, 0);
    front.drained();
    expect(committed.response).toBeNull();
    expect(recordBytes(all)).toBe(3 * BATCH_BYTES);
    front.grow(0, 3, 2);
    front.drained();
    expect(recordBytes(committed)).toBe(2 * BATCH_BYTES);
  });

  it('names what was aborted to who reads committed records, and to nobody else', () => {
    front.readers[0]!.aborted = [{ producerId: 7, firstOffset: 1 }];
    front.grow(0, 3);
    const aborted = (isolationLevel: number) => {
      const { response } = front.fetch({ isolationLevel, maxWaitMs: 0 });
      return response!.responses[0]!.partitions.map((found) => found.abortedTransactions);
    };
    expect(aborted(1).slice(0, 2)).toEqual([[{ producerId: 7, firstOffset: 1 }], []]);
    expect(aborted(0).slice(0, 2)).toEqual([null, null]);
  });

  it('gives no committed records where it cannot tell which were aborted', () => {
    front.readers[0]!.abortedOutcome = OUTCOME.STORAGE_FAILED;
    front.grow(0, 3);
    const committed = front.fetch({ isolationLevel: 1 });
    expect(results(committed)[0]).toMatchObject({ error: ERROR.KAFKA_STORAGE_ERROR, bytes: 0 });
    expect(recordBytes(front.fetch())).toBe(3 * BATCH_BYTES);
  });

  it('does not wait for more than its answer may hold', () => {
    const fetching = front.fetch({ minBytes: 1_000_000, maxBytes: 3 * BATCH_BYTES });
    front.grow(0, 3);
    front.drained();
    expect(recordBytes(fetching)).toBe(3 * BATCH_BYTES);
    const atOnce = front.fetch({ minBytes: 1_000_000, maxBytes: 2.5 * BATCH_BYTES });
    expect(recordBytes(atOnce)).toBe(2 * BATCH_BYTES);
  });

  it('answers at once when a partition goes offline, moves its start, is damaged or deleted', () => {
    const offline = front.fetch({ minBytes: 1_000_000 });
    front.partitions.setOffline(front.mirrors[4]!, 'a disk failed');
    front.drained();
    expect(results(offline)[4]!.error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    front.mirrors[4]!.offlineReason = '';

    const damaged = front.fetch({ minBytes: 1_000_000 });
    front.readers[5]!.outcome = OUTCOME.CORRUPT;
    front.grow(5, 1);
    front.drained();
    expect(results(damaged)[5]!.error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    front.grow(5, 0);

    const deleted = front.fetch({ minBytes: 1_000_000 });
    front.deleteTopic();
    front.drained();
    const errors = results(deleted).map(({ error }) => error);
    expect(new Set(errors)).toEqual(new Set([ERROR.UNKNOWN_TOPIC_OR_PARTITION]));
    expect(front.watcherCount).toBe(0);
  });

  it('asks for the reader that a compaction took away, and goes on when it is back', async () => {
    const fetching = front.fetch();
    const reader = front.mirrors[0]!.reader;
    front.mirrors[0]!.reader = null;
    front.load = async (mirror) => {
      mirror.reader = reader;
    };
    front.grow(0, 1);
    front.drained();
    expect(fetching.response).toBeNull();
    await vi.advanceTimersByTimeAsync(0);
    expect(results(fetching)[0]!.bytes).toBe(BATCH_BYTES);
  });

  it('watches nothing any more when its client is gone, and answers nobody', () => {
    const fetching = front.fetch();
    fetching.call.onAbandoned!();
    expect(front.watcherCount).toBe(0);
    front.grow(0, 1);
    front.drained();
    vi.advanceTimersByTime(600_000);
    expect(fetching.response).toBeNull();
  });

  it('answers with what there is when the broker stops', () => {
    const fetching = front.fetch({ minBytes: 1_000_000 });
    front.grow(0, 1);
    front.drained();
    fetching.call.onHurried!();
    expect(recordBytes(fetching)).toBe(BATCH_BYTES);
  });

  it('ends its own call where reading throws, in a drained batch or by its timer', () => {
    const defect = new Error('a defect');
    const throws = () => {
      throw defect;
    };
    const [first, second] = [front.fetch(), front.fetch({ minBytes: 1_000_000, maxWaitMs: 5 })];
    front.readers[0]!.read = throws;
    front.grow(0, 1);
    front.drained();
    expect(first.failure).toBe(defect);
    expect(second.failure).toBeNull();
    vi.advanceTimersByTime(20);
    expect(second.failure).toBe(defect);
    expect(front.watcherCount).toBe(0);
  });
});

describe('a session', () => {
  it.each(['answered', 'abandoned', 'failed'])(
    'keeps no partition, and so no map, when its fetch is %s',
    (end) => {
      const opened = front.fetch({ maxWaitMs: 0, sessionEpoch: 0 });
      const sessionId = opened.response!.sessionId;
      const fetching = front.fetch({ sessionId, sessionEpoch: 1 });
      if (end === 'abandoned') fetching.call.onAbandoned!();
      if (end === 'failed') {
        front.readers[0]!.availableBytes = () => {
          throw new Error('a defect');
        };
      }
      front.grow(0, 1);
      front.drained();
      expect(fetching.response !== null).toBe(end === 'answered');
      const plan = front.sessions.plan(
        { sessionId, sessionEpoch: 2, topics: [], forgottenTopicsData: [] } as never,
        12,
      );
      expect(plan.targets).toHaveLength(PARTITIONS);
      expect(plan.targets.filter(({ mirror }) => mirror !== null)).toEqual([]);
    },
  );
});
