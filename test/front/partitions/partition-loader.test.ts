import { beforeEach, expect, it } from 'vitest';
import type { ControlAnswer } from '../../../src/exchange/control.ts';
import { PartitionLoader } from '../../../src/front/partitions/partition-loader.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import type { Workers } from '../../../src/front/partitions/workers.ts';

let mirror: PartitionMirror;
let loader: PartitionLoader;
/** Answers the loads that the worker was asked for, oldest first. */
let answers: ((logEndOffset: number) => Promise<void>)[];

beforeEach(() => {
  mirror = new PartitionMirror(5, 0, 'orders', 'id', 0, '/d/orders-0', 0);
  answers = [];
  const workers = {
    control(_worker: number, _command: object, onAnswer: (answer: ControlAnswer) => void) {
      return new Promise<void>((resolve) => {
        answers.push(async (offset) => {
          onAnswer(loaded(offset));
          resolve();
          await new Promise(setImmediate);
        });
      });
    },
  };
  loader = new PartitionLoader(new Partitions(), workers as unknown as Workers);
});

function loaded(offset: number): ControlAnswer<'load'> {
  const logEnd = { offset, segmentBase: 0, position: 0 };
  const limits = { highWatermark: logEnd, lastStable: logEnd };
  const state = { slot: 5, logStartOffset: 0, logEnd, limits, abortedCount: 0 };
  return { error: 0, segments: [{ baseOffset: 0, sizeBytes: 0, abortedCount: 0 }], state };
}

it('loads a log once for all who wait for it', async () => {
  const waiting = Promise.all([loader.load(mirror), loader.load(mirror)]);
  await answers[0]!(7);
  await waiting;
  expect(answers).toHaveLength(1);
  expect(mirror.reader).not.toBeNull();
  expect(mirror.logEndOffset).toBe(7);
});

it('does not read by an answer from before the files changed', async () => {
  let isLoaded = false;
  const waiting = loader.load(mirror).then(() => {
    isLoaded = true;
  });
  mirror.dropReader();
  await answers[0]!(7);
  expect([mirror.reader, mirror.known, isLoaded]).toEqual([null, false, false]);
  await answers[1]!(4);
  await waiting;
  expect(mirror.logEndOffset).toBe(4);
});
