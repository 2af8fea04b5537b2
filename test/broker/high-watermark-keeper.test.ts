import { beforeEach, expect, test } from 'vitest';
import type { Logger } from '../../src/base/logger.ts';
import { nextTurn } from '../../src/base/next-turn.ts';
import {
  HighWatermarkKeeper,
  type HighWatermarkMeans,
} from '../../src/broker/high-watermark-keeper.ts';
import type { MovedWatermark } from '../../src/exchange/control.ts';

let lines: string[];
let saved: [string, number][][];
let failure: Error | null;
let moved: MovedWatermark[];
/** When the disk has taken what is saved. */
let isWritten: Promise<void>;
let topics: Set<string>;
let keeper: HighWatermarkKeeper;

const logger: Logger = {
  info: (line) => lines.push(`info ${line}`),
  warn: (line) => lines.push(`warn ${line}`),
  error: (line) => lines.push(`error ${line}`),
};

/** Slots 0 and 1 are of one topic, 2 of another. */
beforeEach(() => {
  lines = [];
  saved = [];
  failure = null;
  moved = [];
  isWritten = Promise.resolve();
  topics = new Set(['a', 'b']);
  const means = {
    logDirs: {
      async saveHighWatermarks(watermarks: ReadonlyMap<string, number>) {
        if (failure !== null) throw failure;
        saved.push([...watermarks]);
        await isWritten;
      },
    },
    workers: { workerCount: 1, control: async () => ({ error: 0, moved: moved.splice(0) }) },
    partitions: {
      bySlot: (slot: number) => {
        const topic = slot < 2 ? 'a' : 'b';
        return { topic, topicId: topic, index: slot % 2 };
      },
    },
    metadata: { image: { topicsById: topics } },
    intervalMs: 60_000,
    logger,
  };
  keeper = new HighWatermarkKeeper(means as unknown as HighWatermarkMeans);
});

test('what moved is written, and nothing where nothing did', async () => {
  moved = [
    { slot: 0, highWatermark: 5 },
    { slot: 2, highWatermark: 7 },
  ];
  await keeper.save();
  await keeper.save();
  expect(saved).toEqual([
    [
      ['a-0', 5],
      ['b-0', 7],
    ],
  ]);
});

test('what could not be written is written by the next run, without deleted topics', async () => {
  moved = [
    { slot: 0, highWatermark: 5 },
    { slot: 2, highWatermark: 7 },
  ];
  failure = new Error('ENOSPC');
  await keeper.save();
  await keeper.save();
  expect(lines).toEqual(['error high watermarks cannot be saved: ENOSPC']);
  failure = null;
  topics.delete('b');
  moved = [{ slot: 1, highWatermark: 6 }];
  await keeper.save();
  expect(saved).toEqual([
    [
      ['a-0', 5],
      ['a-1', 6],
    ],
  ]);
});

test('a save that waits for the disk is not joined by another one', async () => {
  let endWrite = (): void => {};
  isWritten = new Promise((resolve) => {
    endWrite = resolve;
  });
  moved = [{ slot: 0, highWatermark: 5 }];
  const first = keeper.save();
  await nextTurn();
  moved = [{ slot: 0, highWatermark: 6 }];
  await keeper.save();
  expect(saved).toEqual([[['a-0', 5]]]);
  endWrite();
  await first;
  await keeper.save();
  expect(saved).toEqual([[['a-0', 5]], [['a-0', 6]]]);
});

test('nothing is written once the stop has begun', async () => {
  moved = [{ slot: 0, highWatermark: 5 }];
  const saving = keeper.save();
  keeper.stop();
  await saving;
  expect(saved).toEqual([]);
});
