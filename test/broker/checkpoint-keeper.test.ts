import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import type { Logger } from '../../src/base/logger.ts';
import { CheckpointKeeper } from '../../src/broker/checkpoint-keeper.ts';
import type { ControlAnswer, ControlCommand } from '../../src/exchange/control.ts';

let forgotten: string[];
let lines: string[];
let saveError: Error | null;
let markError: Error | null;
let answer: ControlAnswer<'checkpoint'>;
let saveCount: number;
let isMarked: boolean;
let asked: string[];
let keeper: CheckpointKeeper;

const logger: Logger = {
  info: (line) => lines.push(`info ${line}`),
  warn: (line) => lines.push(`warn ${line}`),
  error: (line) => lines.push(`error ${line}`),
};

function keeperEvery(intervalMs: number): CheckpointKeeper {
  const dataDirectory = {
    async saveCheckpoints() {
      saveCount++;
      if (saveError !== null) throw saveError;
    },
    markClean() {
      if (markError !== null) throw markError;
      isMarked = true;
    },
  };
  const workers = {
    workerCount: 1,
    control: async (_worker: number, { kind }: ControlCommand) => {
      asked.push(kind);
      return answer;
    },
  };
  const settings = { recoveryCheckpointMs: intervalMs, startOffsetCheckpointMs: 60_000 };
  const parts = [
    dataDirectory,
    workers,
    {},
    { image: { topicsById: new Map() } },
    async (topicId: string) => {
      forgotten.push(topicId);
    },
    settings,
    logger,
  ];
  return new CheckpointKeeper(
    ...(parts as unknown as ConstructorParameters<typeof CheckpointKeeper>),
  );
}

beforeEach(() => {
  lines = [];
  forgotten = [];
  saveError = null;
  markError = null;
  answer = { error: 0, checkpoints: [] };
  saveCount = 0;
  isMarked = false;
  asked = [];
  keeper = keeperEvery(60_000);
});

test('a deleted topic is forgotten once the files are written without it', async () => {
  keeper.forgetOnceSaved('gone');
  saveError = new Error('ENOSPC: no space left');
  await keeper.save();
  expect(forgotten).toEqual([]);
  saveError = null;
  await keeper.save();
  await keeper.save();
  expect(forgotten).toEqual(['gone']);
});

test('a save that fails is one log line and a state, and the next one is tried all the same', async () => {
  saveError = new Error('ENOSPC: no space left');
  expect(await keeper.save()).toBe(false);
  expect(await keeper.save()).toBe(false);
  expect(keeper.failure).toBe('ENOSPC: no space left');
  expect(lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
  saveError = null;
  expect(await keeper.save()).toBe(true);
  expect(keeper.failure).toBe('');
  expect(lines.at(-1)).toBe('info checkpoints are saved again');
  expect(saveCount).toBe(3);
});

test('saves that are asked for before one has begun are that one', async () => {
  const saves = [keeper.save(), keeper.save(), keeper.save()];
  expect(await Promise.all(saves)).toEqual([true, true, true]);
  expect(saveCount).toBe(1);
  await keeper.save();
  expect(saveCount).toBe(2);
});

test('failing saves of the timer reject nowhere, and a clean stop works behind them', async () => {
  const rejected: unknown[] = [];
  const note = (reason: unknown) => rejected.push(reason);
  process.on('unhandledRejection', note);
  keeper = keeperEvery(1);
  saveError = new Error('ENOSPC');
  keeper.start();
  while (saveCount < 3) await sleep(1);
  process.off('unhandledRejection', note);
  expect(rejected).toEqual([]);
  saveError = null;
  await keeper.stop(() => {}, true);
  expect(asked.at(-1)).toBe('stop');
  expect(isMarked).toBe(true);
});

test('a stop whose checkpoints cannot be saved ends without the clean mark', async () => {
  saveError = new Error('ENOSPC');
  let isExpected = false;
  await keeper.stop(() => {
    isExpected = true;
  }, true);
  expect(isExpected).toBe(true);
  expect(asked).toEqual(['stop']);
  expect(isMarked).toBe(false);
  expect(lines).toEqual(['error checkpoints cannot be saved, the next start scans more: ENOSPC']);
});

test('a stop that cannot be marked, or with a log that is not well, says so', async () => {
  markError = new Error('ENOSPC');
  await keeper.stop(() => {}, true);
  expect(lines).toEqual(['error the clean stop cannot be marked: ENOSPC']);
  answer = { error: 56, reason: 'topic-0 is offline' };
  markError = null;
  await keeperEvery(60_000).stop(() => {}, true);
  expect(lines.at(-1)).toBe('error logs are not as they should be: topic-0 is offline');
  expect(isMarked).toBe(false);
});

test('a stop during a start saves what there is, without the clean mark', async () => {
  await keeper.stop(() => {}, false);
  expect(asked).toEqual(['stop']);
  expect(saveCount).toBe(1);
  expect(isMarked).toBe(false);
});
