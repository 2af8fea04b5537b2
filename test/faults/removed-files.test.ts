/** Files of a partition that somebody removes under the broker. */
import { copyFileSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/protocol/error-codes.ts';
import { WireClient } from '../front/handlers/wire-client.ts';
import { BrokerProcess } from '../hostile/broker-process.ts';
import { settled } from '../hostile/under-attack.ts';
import { get, getAll, makeTopic, put } from './traffic.ts';

const RECORDS = 40;
const VALUE_BYTES = 10_000;
const SEGMENTS = { 'internal.segment.bytes': '100000' };
const OFFLINE = 'millrace_partition_offline{topic="topic",partition="0"}';

let dataDir: string;
let broker: BrokerProcess;
let client: WireClient;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-removed-'));
});

afterEach(async () => {
  client.close();
  await broker.kill();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(threads: number): Promise<void> {
  broker = await BrokerProcess.start({ dataDir, config: { 'num.io.threads': threads } });
  client = await WireClient.open(broker.port);
}

async function stop(): Promise<void> {
  client.close();
  expect(await broker.stop()).toBe(0);
}

function valueAt(index: number): Buffer {
  return Buffer.alloc(VALUE_BYTES, String(index % 10));
}

async function fill(): Promise<void> {
  await makeTopic(client, 'topic', 2, SEGMENTS);
  for (let i = 0; i < RECORDS; i++) {
    expect((await put(client, 'topic', 0, valueAt(i))).error).toBe(0);
    expect((await put(client, 'topic', 1, valueAt(i))).error).toBe(0);
  }
}

function segments(): { path: string; base: number }[] {
  const directory = join(dataDir, 'topic-0');
  return readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .map((name) => ({ path: join(directory, name), base: Number.parseInt(name, 10) }));
}

/** It takes no appends, and says why; the other partition does not notice. The reason. */
async function offline(path: string): Promise<string> {
  await settled(async () => (await put(client, 'topic', 0, valueAt(0))).error !== 0);
  expect((await put(client, 'topic', 0, valueAt(0))).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
  await settled(async () => (await broker.metric(OFFLINE)) === 1);
  const readiness = await broker.http('/readyz');
  expect(readiness.status).toBe(503);
  const text = await readiness.text();
  expect(text).toContain(`topic-0 is offline: ${path}`);
  expect(text).toContain('is gone: somebody removed it');
  expect(broker.lines.filter((line) => line.includes('ERROR')).length).toBe(1);
  expect((await put(client, 'topic', 1, valueAt(RECORDS))).error).toBe(0);
  expect((await getAll(client, 'topic', 1)).length).toBe(RECORDS + 1);
  return text;
}

async function expectAll(count: number): Promise<void> {
  const values = await getAll(client, 'topic', 0);
  expect(values.length).toBeGreaterThanOrEqual(count);
  for (let i = 0; i < count; i++) expect(values[i]).toBe(valueAt(i).toString());
}

describe.each([0, 1])('with num.io.threads=%i', (threads) => {
  beforeEach(async () => {
    await start(threads);
    await fill();
  });

  test('the segment that is written: no append is taken any more, and what it held can be saved', async () => {
    const removed = segments().at(-1)!;
    unlinkSync(removed.path);
    const reason = await offline(removed.path);
    copyFileSync(/\/proc\/\d+\/fd\/\d+/.exec(reason)![0], removed.path);
    await stop();
    await start(threads);
    expect((await broker.http('/readyz')).status).toBe(200);
    await expectAll(RECORDS);
    expect(broker.lines.filter((line) => line.includes('ERROR'))).toEqual([]);
  });

  test('where it is not saved, a start says what is lost and gives its offsets to no other record', async () => {
    const removed = segments().at(-1)!;
    unlinkSync(removed.path);
    await offline(removed.path);
    const { highWatermark } = await get(client, 'topic', 0, 0);
    await stop();
    await start(threads);
    for (const offset of [0, removed.base - 1]) {
      const { records } = await get(client, 'topic', 0, offset);
      expect(records[0]).toMatchObject({ offset, value: valueAt(offset) });
    }
    const next = await put(client, 'topic', 0, valueAt(0));
    expect(next.error).toBe(0);
    expect(next.offset).toBeGreaterThanOrEqual(Math.max(RECORDS, highWatermark));
    const behind = await get(client, 'topic', 0, removed.base);
    expect(behind.records[0]).toMatchObject({ offset: next.offset, value: valueAt(0) });
    const said = broker.lines.filter((line) => line.includes('what was behind it is lost'));
    expect(said.length).toBe(1);
  });

  test('a segment before it: whoever reads there finds out, and a start serves the rest', async () => {
    const [, removed, next] = segments();
    unlinkSync(removed!.path);
    expect((await get(client, 'topic', 0, removed!.base)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    await offline(removed!.path);
    await stop();
    await start(threads);
    expect((await get(client, 'topic', 0, 0)).records[0]!.value).toEqual(valueAt(0));
    const { records } = await get(client, 'topic', 0, next!.base);
    expect(records[0]).toMatchObject({ offset: next!.base, value: valueAt(next!.base) });
    expect((await put(client, 'topic', 0, valueAt(0))).error).toBe(0);
    const gap = `holds no offsets from ${removed!.base} to ${next!.base - 1}`;
    expect(broker.lines.filter((line) => line.includes(gap)).length).toBe(1);
  });

  test('the whole directory: the partition goes offline, and a start touches nothing', async () => {
    const directory = join(dataDir, 'topic-0');
    rmSync(directory, { recursive: true });
    await offline(directory);
    await stop();
    await expect(start(threads)).rejects.toThrow();
  });
});

test('a stop that comes before anybody noticed says what is gone', async () => {
  await start(1);
  await fill();
  await stop();
  await start(1);
  expect((await put(client, 'topic', 0, valueAt(0))).error).toBe(0);
  const { path } = segments().at(-1)!;
  unlinkSync(path);
  await stop();
  expect(broker.lines.filter((line) => line.includes(`${path} is gone`)).length).toBe(1);
});

test('indexes that are gone cost a scan, and no alarm', async () => {
  await start(1);
  await fill();
  await stop();
  const directory = join(dataDir, 'topic-0');
  for (const name of readdirSync(directory)) {
    if (name.endsWith('index')) unlinkSync(join(directory, name));
  }
  await start(1);
  await expectAll(RECORDS);
  expect(broker.lines.filter((line) => line.includes('ERROR'))).toEqual([]);
});
