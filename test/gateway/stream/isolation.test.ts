import { beforeEach, expect, test } from 'vitest';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { Fields } from '../../../src/gateway/command/fields.ts';
import { Formats } from '../../../src/gateway/stream/formats.ts';
import { parseReadsCommitted } from '../../../src/gateway/stream/isolation.ts';
import type { OpenedBatches } from '../../../src/gateway/stream/opened-batches.ts';
import { NO_THINNING, RecordSelection } from '../../../src/gateway/stream/record-selection.ts';
import type { StartPoint } from '../../../src/gateway/stream/start-point.ts';
import { StartResolver } from '../../../src/gateway/stream/start-resolver.ts';
import { positionRow } from '../../../src/gateway/stream/stream-hub.ts';
import type { LogReader } from '../../../src/log/log-reader.ts';

const COMMITTED = true;
const UNCOMMITTED = false;
/** Where the oldest open transaction begins, and the high watermark. */
const STABLE = 60;
const HIGH = 100;
let mirror: PartitionMirror;

beforeEach(() => {
  mirror = new PartitionMirror(0, 0, 'topic', 'id', 0, '', 0);
  mirror.known = true;
  mirror.reader = {} as LogReader;
  mirror.limits.highWatermark.set(HIGH, 0, 0);
  mirror.limits.lastStable.set(STABLE, 0, 0);
});

async function startAt(point: StartPoint, readsCommitted: boolean, foundOffset = 0) {
  const found = { offset: foundOffset };
  const front = {
    loader: { load: async () => undefined },
    times: { find: async () => ({ error: 0, found }) },
  };
  const resolver = new StartResolver(front as never);
  const [start] = await resolver.resolve([mirror], point, readsCommitted);
  return start!.offset;
}

test('committed records end at the last stable offset, uncommitted at the high watermark', async () => {
  expect(await startAt({ kind: 'latest' }, COMMITTED)).toBe(STABLE);
  expect(await startAt({ kind: 'latest' }, UNCOMMITTED)).toBe(HIGH);
  expect(await startAt({ kind: 'last', count: 10 }, COMMITTED)).toBe(STABLE - 10);
  expect(await startAt({ kind: 'last', count: 10 }, UNCOMMITTED)).toBe(HIGH - 10);
  expect(await startAt({ kind: 'time', timeMs: 1 }, COMMITTED, 80)).toBe(STABLE);
  expect(await startAt({ kind: 'time', timeMs: 1 }, UNCOMMITTED, 80)).toBe(80);
  expect(positionRow(mirror, 0, 0, COMMITTED).end).toBe(STABLE);
  expect(positionRow(mirror, 0, 0, UNCOMMITTED).end).toBe(HIGH);
});

test('an unknown partition is asked for both ends', async () => {
  mirror.known = false;
  const { limits } = mirror;
  const state = { limits: { highWatermark: { offset: 9 }, lastStable: { offset: 7 } } };
  const front = {
    loader: { load: async () => undefined },
    workers: { control: async () => ({ error: 0, state }) },
  };
  const resolver = new StartResolver(front as never);
  const [start] = await resolver.resolve([mirror], { kind: 'latest' }, COMMITTED);
  expect(start!.offset).toBe(7);
  expect(limits.lastStable.offset).toBe(STABLE);
});

test('subscriptions of different isolation share no frames', () => {
  const formats = new Formats({} as OpenedBatches);
  const all = new RecordSelection(null, NO_THINNING);
  expect(formats.batch(all, COMMITTED)).toBe(formats.batch(all, COMMITTED));
  expect(formats.batch(all, COMMITTED)).not.toBe(formats.batch(all, UNCOMMITTED));
});

test('isolation is one of two names', () => {
  const parse = (isolation?: string) => parseReadsCommitted(Fields.of({ isolation }, ''));
  expect(parse()).toBe(COMMITTED);
  expect(parse('read_committed')).toBe(COMMITTED);
  expect(parse('read_uncommitted')).toBe(UNCOMMITTED);
  expect(() => parse('dirty')).toThrow('isolation must be one of read_committed, read_uncommitted');
});
