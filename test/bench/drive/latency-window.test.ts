import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { LatencyWindow } from '../../../bench/drive/latency-window.ts';

function opened(): LatencyWindow {
  const window = new LatencyWindow();
  window.open(1000, 1300);
  return window;
}

describe('the window of a turn', () => {
  it('counts what happens within it, by tenths of a second', () => {
    const window = opened();
    for (const [messages, nowMs] of [
      [5, 10],
      [7, 999.9],
      [1, 1000],
      [2, 1099],
      [3, 1250],
      [9, 1300],
    ] as const) {
      window.count(messages, nowMs);
    }
    expect(window.result().counts).toEqual([3, 0, 3]);
  });

  it('times what was meant for it, however late that came', () => {
    const window = opened();
    window.time(999, 1200, 100);
    window.time(1299, 1500, 2);
    window.time(1100, 1101, 1);
    window.time(1300, 9000, 100);
    // The first records of a turn tell no moment.
    window.time(Number.NaN, 1100, 100);
    const latencies = decodeFromCompressedBase64(window.result().histogram);
    expect(latencies.totalCount).toBe(3);
    expect(latencies.maxValue / 1000).toBeCloseTo(201, 0);
    expect(latencies.getValueAtPercentile(10) / 1000).toBeCloseTo(1, 1);
  });

  it('says how late the timer was within it', () => {
    const window = opened();
    window.ticked(50, 500);
    window.ticked(0.1, 1100);
    window.ticked(0.2, 1200);
    expect(window.result().timerLateP99Ms).toBeCloseTo(0.2, 2);
  });

  it('has nothing to tell before it is opened', () => {
    const window = new LatencyWindow();
    window.count(5, 10);
    window.time(3, 10, 5);
    const { counts, histogram } = window.result();
    expect(counts).toEqual([0]);
    expect(decodeFromCompressedBase64(histogram).totalCount).toBe(0);
  });
});
