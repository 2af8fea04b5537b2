/** Files of a partition that somebody removes under the harmed.broker. */
import { copyFileSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { HarmedBroker, valueAt } from './harmed-broker.ts';
import { get, getAll, put } from './traffic.ts';

const RECORDS = 40;
const SEGMENTS = { 'internal.segment.bytes': '100000' };

let harmed: HarmedBroker;

beforeEach(async () => {
  harmed = await HarmedBroker.create();
});

afterEach(() => harmed.discard());

/** The reason that is told. */
async function offline(path: string): Promise<string> {
  const text = await harmed.offlineReason(RECORDS);
  expect(text).toContain(`topic-0 is offline: ${path}`);
  expect(text).toContain('is gone: somebody removed it');
  expect(harmed.broker.lines.filter((line) => line.includes('ERROR')).length).toBe(1);
  return text;
}

async function expectAll(count: number): Promise<void> {
  const values = await getAll(harmed.client, 'topic', 0);
  expect(values.length).toBeGreaterThanOrEqual(count);
  for (let i = 0; i < count; i++) expect(values[i]).toBe(valueAt(i).toString());
}

describe.each([0, 1])('with num.io.threads=%i', (threads) => {
  beforeEach(async () => {
    await harmed.start(threads);
    await harmed.fill(RECORDS, SEGMENTS);
  });

  test('the segment that is written: no append is taken any more, and what it held can be saved', async () => {
    const removed = harmed.segments().at(-1)!;
    unlinkSync(removed.path);
    const reason = await offline(removed.path);
    copyFileSync(/\/proc\/\d+\/fd\/\d+/.exec(reason)![0], removed.path);
    await harmed.stop();
    await harmed.start(threads);
    expect((await harmed.broker.http('/readyz')).status).toBe(200);
    await expectAll(RECORDS);
    expect(harmed.broker.lines.filter((line) => line.includes('ERROR'))).toEqual([]);
  });

  test('where it is not saved, a start says what is lost and gives its offsets to no other record', async () => {
    const removed = harmed.segments().at(-1)!;
    unlinkSync(removed.path);
    await offline(removed.path);
    const { highWatermark } = await get(harmed.client, 'topic', 0, 0);
    await harmed.stop();
    await harmed.start(threads);
    for (const offset of [0, removed.base - 1]) {
      const { records } = await get(harmed.client, 'topic', 0, offset);
      expect(records[0]).toMatchObject({ offset, value: valueAt(offset) });
    }
    const next = await put(harmed.client, 'topic', 0, valueAt(0));
    expect(next.error).toBe(0);
    expect(next.offset).toBeGreaterThanOrEqual(Math.max(RECORDS, highWatermark));
    const behind = await get(harmed.client, 'topic', 0, removed.base);
    expect(behind.records[0]).toMatchObject({ offset: next.offset, value: valueAt(0) });
    const said = harmed.broker.lines.filter((line) => line.includes('what was behind it is lost'));
    expect(said.length).toBe(1);
  });

  test('a segment before it: whoever reads there finds out, and a start serves the rest', async () => {
    const [, removed, next] = harmed.segments();
    unlinkSync(removed!.path);
    expect((await get(harmed.client, 'topic', 0, removed!.base)).error).toBe(
      ERROR.KAFKA_STORAGE_ERROR,
    );
    await offline(removed!.path);
    await harmed.stop();
    await harmed.start(threads);
    expect((await get(harmed.client, 'topic', 0, 0)).records[0]!.value).toEqual(valueAt(0));
    const { records } = await get(harmed.client, 'topic', 0, next!.base);
    expect(records[0]).toMatchObject({ offset: next!.base, value: valueAt(next!.base) });
    expect((await put(harmed.client, 'topic', 0, valueAt(0))).error).toBe(0);
    const gap = `holds no offsets from ${removed!.base} to ${next!.base - 1}`;
    expect(harmed.broker.lines.filter((line) => line.includes(gap)).length).toBe(1);
  });

  test('the whole directory: the partition goes offline, and a start touches nothing', async () => {
    const directory = join(harmed.dataDir, 'topic-0');
    rmSync(directory, { recursive: true });
    await offline(directory);
    await harmed.stop();
    await expect(harmed.start(threads)).rejects.toThrow();
  });
});

test('a stop that comes before anybody noticed says what is gone', async () => {
  await harmed.start(1);
  await harmed.fill(RECORDS, SEGMENTS);
  await harmed.stop();
  await harmed.start(1);
  expect((await put(harmed.client, 'topic', 0, valueAt(0))).error).toBe(0);
  const { path } = harmed.segments().at(-1)!;
  unlinkSync(path);
  await harmed.stop();
  expect(harmed.broker.lines.filter((line) => line.includes(`${path} is gone`)).length).toBe(1);
});

test('indexes that are gone cost a scan, and no alarm', async () => {
  await harmed.start(1);
  await harmed.fill(RECORDS, SEGMENTS);
  await harmed.stop();
  const directory = join(harmed.dataDir, 'topic-0');
  for (const name of readdirSync(directory)) {
    if (name.endsWith('index')) unlinkSync(join(directory, name));
  }
  await harmed.start(1);
  await expectAll(RECORDS);
  expect(harmed.broker.lines.filter((line) => line.includes('ERROR'))).toEqual([]);
});
