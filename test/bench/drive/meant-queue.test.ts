import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { LatencyWindow } from '../../../bench/drive/latency-window.ts';
import { MeantQueue } from '../../../bench/drive/meant-queue.ts';

function openWindow(): LatencyWindow {
  const window = new LatencyWindow();
  window.open(1_000, 2_000);
  return window;
}

describe('the queue of moments', () => {
  it('times each record from its own moment, over batches that cut its runs', () => {
    const window = openWindow();
    const queue = new MeantQueue();
    for (const meantMs of [1_100, 1_100, 1_100, 1_200, 1_300]) queue.push(meantMs);
    queue.take(2, 1_110, window);
    queue.take(3, 1_310, window);
    const histogram = decodeFromCompressedBase64(window.result().histogram);
    expect(histogram.totalCount).toBe(5);
    const ms = [20, 40, 60, 80, 100].map((part) => histogram.getValueAtPercentile(part) / 1000);
    expect(ms.map(Math.round)).toEqual([10, 10, 10, 110, 210]);
  });

  it('keeps its order when it grows in the middle of its ring', () => {
    const window = openWindow();
    const queue = new MeantQueue();
    for (let i = 0; i < 200; i++) queue.push(1_000 + i);
    for (let i = 0; i < 150; i++) queue.take(1, 1_000 + i + 1, window);
    for (let i = 200; i < 900; i++) queue.push(1_000 + i);
    for (let i = 150; i < 900; i++) queue.take(1, 1_000 + i + 1, window);
    const histogram = decodeFromCompressedBase64(window.result().histogram);
    expect(histogram.totalCount).toBe(900);
    expect(histogram.maxValue).toBeLessThan(1_010);
  });

  it('refuses acknowledgements of records that nobody sent', () => {
    const queue = new MeantQueue();
    queue.push(1_000);
    expect(() => queue.take(2, 1_001, openWindow())).toThrow('1 records');
  });
});

describe('the window', () => {
  it('times what was meant for it, though the answer came after its end', () => {
    const window = openWindow();
    window.time(1_900, 5_000, 1);
    window.time(999, 1_500, 1);
    window.time(2_000, 2_001, 1);
    window.time(Number.NaN, 1_500, 1);
    expect(decodeFromCompressedBase64(window.result().histogram).totalCount).toBe(1);
  });

  it('counts what happened within it, a tenth of a second at a time', () => {
    const window = openWindow();
    window.count(1, 999);
    window.count(2, 1_000);
    window.count(3, 1_999);
    window.count(4, 2_000);
    const { counts } = window.result();
    expect(counts).toHaveLength(10);
    expect([counts[0], counts[9]]).toEqual([2, 3]);
  });
});
