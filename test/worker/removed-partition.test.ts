/** What waits for a partition when its topic is deleted. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { SLOT, WorkerStage } from './worker-stage.ts';

const ACKS_ALL = -1;

let stage: WorkerStage;

beforeEach(() => {
  stage = new WorkerStage({ groupCommit: true });
});

afterEach(() => stage.remove());

test('an append that waits for a sync is told that the partition is gone', () => {
  expect(stage.append(ACKS_ALL)).toBeUndefined();
  expect(stage.append(ACKS_ALL)).toBeUndefined();
  stage.ask({ kind: 'remove', slots: [SLOT] });
  const gone = ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  expect(stage.appendErrors).toEqual([gone, gone]);
});

test('a sync that ends after the removal answers nobody a second time', () => {
  stage.append(ACKS_ALL);
  stage.ask({ kind: 'remove', slots: [SLOT] });
  stage.worker.onSynced(SLOT, 0);
  stage.worker.afterBatch();
  expect(stage.appendErrors).toHaveLength(1);
});
