import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { get, getAll, makeTopic, put } from './traffic.ts';

const RECORDS = 120;
const VALUE_BYTES = 10_000;

let dataDir: string;

function valueAt(index: number): Buffer {
  return Buffer.alloc(VALUE_BYTES, String(index % 10));
}

/** Two partitions of several segments each, cleanly closed. */
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-bits-'));
  const broker = await BrokerProcess.start({ dataDir });
  const client = await WireClient.open(broker.port);
  await makeTopic(client, 'topic', 2, { 'internal.segment.bytes': '300000' });
  for (let i = 0; i < RECORDS; i++) {
    expect((await put(client, 'topic', 0, valueAt(i))).error).toBe(0);
    expect((await put(client, 'topic', 1, valueAt(i))).error).toBe(0);
  }
  client.close();
  expect(await broker.stop()).toBe(0);
});

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

function filesOf(partition: number, ending: string): string[] {
  const directory = join(dataDir, `topic-${partition}`);
  return readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(directory, name));
}

function flip(file: string, at: number, bit = 3): void {
  const bytes = readFileSync(file);
  bytes[at] = bytes[at]! ^ (1 << bit);
  writeFileSync(file, bytes);
}

test('a flipped bit in a closed segment is told for that fetch, and nothing is deleted', async () => {
  const [first] = filesOf(0, '.log');
  const sizes = filesOf(0, '.log').map((file) => readFileSync(file).length);
  // Inside the value of the third batch.
  flip(first!, 2 * (VALUE_BYTES + 70) + 500);
  const broker = await BrokerProcess.start({ dataDir });
  const client = await WireClient.open(broker.port);
  // What lies before it is served; the fetch that meets it says so, each time.
  const before = await get(client, 'topic', 0, 0, 15_000);
  expect(before.error).toBe(0);
  expect(before.records[0]?.value?.equals(valueAt(0))).toBe(true);
  for (let i = 0; i < 2; i++) {
    const damaged = await get(client, 'topic', 0, 2, 15_000);
    expect(damaged.error).toBe(ERROR.CORRUPT_MESSAGE);
  }
  expect(broker.log).toMatch(/topic-0 cannot be read: .*00000000000000000000\.log.*\d+/);
  // Behind it, beside it, and new records are served and taken.
  expect((await get(client, 'topic', 0, 60)).records.length).toBeGreaterThan(0);
  expect((await getAll(client, 'topic', 1)).length).toBe(RECORDS);
  expect((await put(client, 'topic', 0, valueAt(0))).error).toBe(0);
  const after = filesOf(0, '.log').map((file) => readFileSync(file).length);
  expect(after.slice(0, sizes.length - 1)).toEqual(sizes.slice(0, -1));
  client.close();
  await broker.stop();
});

test.each(['.index', '.timeindex', '.snapshot'])(
  'a damaged %s costs nothing but a rebuild',
  async (ending) => {
    const files = filesOf(0, ending);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const bytes = readFileSync(file);
      for (let at = 0; at < bytes.length; at += 5) bytes[at] = bytes[at]! ^ 0x55;
      writeFileSync(file, bytes);
    }
    const broker = await BrokerProcess.start({ dataDir });
    const client = await WireClient.open(broker.port);
    const values = await getAll(client, 'topic', 0);
    expect(values.length).toBe(RECORDS);
    for (const [i, value] of values.entries()) expect(value).toBe(valueAt(i).toString());
    expect((await put(client, 'topic', 0, valueAt(0))).offset).toBe(RECORDS);
    client.close();
    expect(await broker.stop()).toBe(0);
  },
);

test.each([
  'recovery-point-offset-checkpoint',
  'log-start-offset-checkpoint',
  'replication-offset-checkpoint',
])('a damaged %s costs a scan', async (name) => {
  const file = join(dataDir, name);
  if (!existsSync(file)) throw new Error(`there is no ${name}: ${readdirSync(dataDir)}`);
  writeFileSync(file, 'neither a version\nnor entries\n');
  const broker = await BrokerProcess.start({ dataDir });
  const client = await WireClient.open(broker.port);
  expect((await getAll(client, 'topic', 0)).length).toBe(RECORDS);
  expect((await getAll(client, 'topic', 1)).length).toBe(RECORDS);
  client.close();
  expect(await broker.stop()).toBe(0);
});

test('damaged metadata is refused with a sentence, or only its unacknowledged end is cut', async () => {
  const directories = readdirSync(dataDir).filter((name) => /metadata/.test(name));
  const files = directories.flatMap((name) =>
    readdirSync(join(dataDir, name)).map((file) => join(dataDir, name, file)),
  );
  const file = files.sort((a, b) => readFileSync(b).length - readFileSync(a).length)[0]!;
  const whole = readFileSync(file);
  const middle = Buffer.from(whole);
  middle[Math.floor(whole.length / 3)] = middle[Math.floor(whole.length / 3)]! ^ 0x10;
  writeFileSync(file, middle);
  const start = BrokerProcess.start({ dataDir });
  await expect(start).rejects.toThrow(/metadata/);
  expect(readFileSync(file).equals(middle)).toBe(true);
  expect(filesOf(0, '.log').length).toBeGreaterThan(1);
  writeFileSync(file, whole);
  const broker = await BrokerProcess.start({ dataDir });
  const client = await WireClient.open(broker.port);
  expect((await getAll(client, 'topic', 0)).length).toBe(RECORDS);
  client.close();
  await broker.stop();
});
