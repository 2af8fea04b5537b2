import { describe, expect, it } from 'vitest';
import { Punctuations } from '#millrace/streams/tasks/punctuations';

/** Kafka's PunctuationQueueTest, by its names. */
describe('punctuations', () => {
  const scheduled = (start: number, intervalMs: number) => {
    const punctuations = new Punctuations<string>();
    const calls: number[] = [];
    const handle = punctuations.schedule('node', start, intervalMs, (at) => calls.push(at));
    const run = (now: number) => {
      punctuations.run(now, (_node, timestamp, call) => call(timestamp));
      return calls.length;
    };
    return { punctuations, calls, handle, run };
  };

  it('testPunctuationInterval', () => {
    const { run } = scheduled(0, 100);
    const counts = [0, 99, 100, 199, 200, 999, 1000, 1001, 1002, 1011, 1101].map(run);
    expect(counts).toEqual([1, 1, 2, 2, 3, 4, 5, 5, 5, 5, 6]);
  });

  it('testPunctuationIntervalCustomAlignment', () => {
    const { run } = scheduled(50, 100);
    const counts = [0, 49, 50, 149, 150, 249, 250, 349, 350, 999, 1000, 1049, 1050].map(run);
    expect(counts).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 5, 6]);
  });

  it('testPunctuationIntervalCancelFromPunctuator', () => {
    const punctuations = new Punctuations<string>();
    let calls = 0;
    const handle = punctuations.schedule('node', 0, 100, () => {
      calls++;
      handle.cancel();
    });
    for (const now of [0, 100, 200, 1000]) {
      punctuations.run(now, (_node, timestamp, call) => call(timestamp));
    }
    expect(calls).toBe(1);
  });

  it('testCanPunctuate: a cancelled one is not due', () => {
    const { handle, run, punctuations } = scheduled(100, 100);
    handle.cancel();
    expect(run(1_000)).toBe(0);
    expect(punctuations.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives the time of the run, not that for which it was scheduled', () => {
    const { calls, run } = scheduled(0, 100);
    run(250);
    expect(calls).toEqual([250]);
  });
});
