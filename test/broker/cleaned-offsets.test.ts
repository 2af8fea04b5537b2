import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CleanedOffsets } from '../../src/broker/cleaned-offsets.ts';
import type { TopicMirror } from '../../src/front/partitions/topic-mirror.ts';
import { readOffsetCheckpoint } from '../../src/log/checkpoints.ts';
import { CollectingLogger } from '../log/fixtures.ts';

let root: string;
let path: string;
let logger: CollectingLogger;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-cleaned-'));
  path = join(root, 'cleaner-offset-checkpoint');
  logger = new CollectingLogger();
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const partition = (topic: string, topicId: string, index = 0) => ({ topic, topicId, index });
const open = (...partitions: ReturnType<typeof partition>[]) =>
  new CleanedOffsets(path, [{ held: partitions } as unknown as TopicMirror], logger);

it('keeps the offset of each partition over a restart', () => {
  const both = [partition('orders', 'a', 0), partition('orders', 'a', 1)];
  const first = open(...both);
  first.remember(both[0]!, 5);
  first.remember(both[1]!, 7);
  first.remember(both[0]!, 6);
  const second = open(...both);
  expect(both.map((each) => second.of(each))).toEqual([6, 7]);
});

it('knows nothing of a topic that is made anew, from the deletion on and after a restart', () => {
  const old = partition('orders', 'old');
  const other = partition('other', 'other');
  const offsets = open(old, other);
  offsets.remember(old, 5);
  offsets.remember(other, 9);
  const fresh = partition('orders', 'fresh');
  expect(offsets.of(fresh)).toBe(0);
  offsets.forgetTopic('old');
  const after = open(fresh, other);
  expect([after.of(fresh), after.of(other)]).toEqual([0, 9]);
});

it('leaves out what the file says of topics that are gone at the start', () => {
  const gone = partition('gone', 'a');
  const there = partition('there', 'b');
  open(gone).remember(gone, 5);
  open(there).remember(there, 1);
  expect(readOffsetCheckpoint(path)).toEqual(new Map([['there-0', 1]]));
});

it('goes on without a file that can be read or written, and says so', () => {
  const orders = partition('orders', 'a');
  rmSync(root, { recursive: true });
  const offsets = open(orders);
  offsets.remember(orders, 3);
  expect(offsets.of(orders)).toBe(3);
  expect(logger.lines.length).toBe(1);
  expect(logger.lines[0]).toMatch(/cleaner-offset-checkpoint cannot be written/);
});
