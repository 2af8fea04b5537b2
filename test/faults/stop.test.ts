import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sleep } from '../hostile/under-attack.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { getAll, makeTopic, put } from './traffic.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-stop-'));
});

afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

/** Writers that count what is acknowledged until the connection or the broker ends. */
function load(port: number, writers: number): { acknowledged: string[]; over: Promise<void> } {
  const acknowledged: string[] = [];
  const run = async (writer: number): Promise<void> => {
    const client = await WireClient.open(port);
    try {
      for (let i = 0; ; i++) {
        const value = `${writer}:${i}`;
        const { error } = await put(client, 'load', 0, Buffer.from(value), writer % 2 ? 1 : -1);
        if (error === 0) acknowledged.push(value);
      }
    } catch {
      // Refused at last: the broker stops.
    } finally {
      client.close();
    }
  };
  const over = Promise.all(Array.from({ length: writers }, (_, i) => run(i))).then(() => {});
  return { acknowledged, over };
}

test.each(['os', 'group'])(
  'SIGTERM under load answers what is in flight and leaves nothing to scan (%s)',
  async (durability) => {
    const config = { 'millrace.durability': durability };
    const broker = await BrokerProcess.start({ dataDir, config });
    const client = await WireClient.open(broker.port);
    await makeTopic(client, 'load');
    const { acknowledged, over } = load(broker.port, 6);
    await sleep(700);
    expect(await broker.stop()).toBe(0);
    await over;
    client.close();
    expect(existsSync(join(dataDir, '.kafka_cleanshutdown'))).toBe(true);
    const again = await BrokerProcess.start({ dataDir, config });
    expect(again.log).not.toMatch(/recover|scan|dropped/i);
    const reader = await WireClient.open(again.port);
    const values = new Set(await getAll(reader, 'load', 0));
    expect(acknowledged.length).toBeGreaterThan(10);
    for (const value of acknowledged) expect(values.has(value), value).toBe(true);
    reader.close();
    expect(await again.stop()).toBe(0);
  },
);

test('a second SIGTERM ends it at once', async () => {
  const broker = await BrokerProcess.start({ dataDir });
  broker.signal('SIGTERM');
  broker.signal('SIGTERM');
  expect([0, 130]).toContain(await broker.ended);
});

test('a second broker on the directory is refused with the process id of the first', async () => {
  const broker = await BrokerProcess.start({ dataDir });
  await expect(BrokerProcess.start({ dataDir })).rejects.toThrow(
    new RegExp(`in use by the broker with process id ${broker.pid}`),
  );
  expect((await broker.http('/livez')).status).toBe(200);
  await broker.kill();
});

function contents(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.lock')
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(file);
      return `${file} ${size} ${mtimeMs}`;
    })
    .sort();
}

async function directoryWithRecords(): Promise<void> {
  const broker = await BrokerProcess.start({ dataDir });
  const client = await WireClient.open(broker.port);
  await makeTopic(client, 'kept', 3);
  for (let i = 0; i < 30; i++) await put(client, 'kept', i % 3, Buffer.from(String(i)));
  client.close();
  await broker.stop();
}

test('a directory of a newer version is refused untouched', async () => {
  await directoryWithRecords();
  writeFileSync(join(dataDir, 'millrace.version'), '99\n');
  const before = contents(dataDir);
  await expect(BrokerProcess.start({ dataDir })).rejects.toThrow(/written by a newer millrace/);
  expect(contents(dataDir)).toEqual(before);
});

test('a directory that lost a partition is refused untouched', async () => {
  await directoryWithRecords();
  rmSync(join(dataDir, 'kept-1'), { recursive: true });
  const before = contents(dataDir);
  await expect(BrokerProcess.start({ dataDir })).rejects.toThrow(/kept-1 is missing/);
  expect(contents(dataDir)).toEqual(before);
});

test('a directory that lost its metadata is refused untouched', async () => {
  await directoryWithRecords();
  const metadata = readdirSync(dataDir).filter((name) => /metadata/.test(name));
  expect(metadata.length).toBeGreaterThan(0);
  for (const name of metadata) rmSync(join(dataDir, name), { recursive: true });
  const before = contents(dataDir);
  await expect(BrokerProcess.start({ dataDir })).rejects.toThrow(/metadata|not whole|whole/);
  expect(contents(dataDir)).toEqual(before);
});

test('files are for the owner alone, also in a directory that was open to all', async () => {
  chmodSync(dataDir, 0o755);
  await directoryWithRecords();
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
    expect(`${entry.name} ${mode.toString(8)}`).toBe(
      `${entry.name} ${entry.isDirectory() ? '700' : '600'}`,
    );
  }
});

test('a broker that stood still for a while goes on, and nobody lost a record', async () => {
  const broker = await BrokerProcess.start({ dataDir });
  const client = await WireClient.open(broker.port);
  await makeTopic(client, 'load');
  const { acknowledged, over } = load(broker.port, 3);
  for (let i = 0; i < 3; i++) {
    await sleep(200);
    broker.signal('SIGSTOP');
    await sleep(500);
    broker.signal('SIGCONT');
  }
  await sleep(200);
  const values = new Set(await getAll(client, 'load', 0));
  const missing = acknowledged.slice(0, values.size - 10).filter((value) => !values.has(value));
  expect(missing).toEqual([]);
  await broker.stop();
  await over;
  client.close();
});
