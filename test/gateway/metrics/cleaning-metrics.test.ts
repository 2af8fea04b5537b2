import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { alterTopic } from '../../support/topics.ts';
import { until } from '../../support/until.ts';
import { WireClient } from '../../support/wire-client.ts';

const CONFIG = { 'log.cleaner.backoff.ms': 50, 'log.cleaner.min.cleanable.ratio': 0.9 };
const TOPIC_CONFIG = { 'cleanup.policy': 'compact', 'internal.segment.bytes': '2000' };
/** A byte of a batch that its CRC covers. */
const BYTE_OF_RECORDS = 70;

const directory = mkdtempSync(join(tmpdir(), 'millrace-cleaning-metrics-'));
let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  const logger = { info() {}, warn() {}, error() {} };
  broker = await startBroker({ config: CONFIG, dataDir: directory, logger });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
  rmSync(directory, { recursive: true });
});

async function figures(): Promise<Record<string, number>> {
  const page = await (await fetch(`${broker.httpUrl}/metrics`)).text();
  const lines = page.matchAll(/^millrace_log_cleaner_(\w+) (\S+)$/gm);
  return Object.fromEntries(Array.from(lines, ([, name, value]) => [name, Number(value)]));
}

/** Waits for figures of which `holds` is true, and acts before each look. */
async function figuresWhen(
  what: string,
  holds: (found: Record<string, number>) => boolean,
  act = () => Promise.resolve(),
): Promise<Record<string, number>> {
  let found: Record<string, number> = {};
  await until(what, async () => {
    await act();
    found = await figures();
    return holds(found);
  });
  return found;
}

/** Writes records, about fifteen of them to a segment. */
async function write(topic: string, count: number, keyOf: (i: number) => string) {
  for (let i = 0; i < count; i++) {
    const [key, value] = [Buffer.from(keyOf(i)), Buffer.from('x'.repeat(50))];
    await client.produce(topic, 0, [{ key, value, timestamp: Date.now() }]);
  }
}

test('before the first cleaning all is at nought', async () => {
  const { seconds_since_last_run: sinceRun, ...rest } = await figures();
  expect(sinceRun).toBeGreaterThanOrEqual(0);
  expect(rest).toEqual({
    runs_total: 0,
    failures_total: 0,
    read_bytes_total: 0,
    written_bytes_total: 0,
    recopy_percent: 0,
    buffer_utilization_percent: 0,
    clean_seconds: 0,
    max_dirty_percent: 0,
    max_compaction_delay_seconds: 0,
    uncleanable_partitions: 0,
    uncleanable_bytes: 0,
  });
});

test('a cleaning is told with what it read and kept, and then what is dirty again', async () => {
  await broker.createTopic('clean', { config: TOPIC_CONFIG });
  await write('clean', 200, (i) => `${i % 100}`);
  const found = await figuresWhen('a cleaning', ({ runs_total: runs }) => runs! > 0);
  expect(found.read_bytes_total).toBeGreaterThan(found.written_bytes_total!);
  expect(found.written_bytes_total).toBeGreaterThan(0);
  expect(found.recopy_percent).toBeGreaterThan(0);
  expect(found.recopy_percent).toBeLessThan(100);
  expect(found.clean_seconds).toBeGreaterThan(0);
  expect(found.buffer_utilization_percent).toBe(0);
  // A log that is dirtier than the ratio is cleaned again, until its clean part has grown enough.
  let n = 0;
  const dirty = await figuresWhen(
    'dirty records',
    ({ max_dirty_percent: percent }) => percent! > 0 && percent! < 90,
    () => write('clean', 20, () => `new ${n++}`),
  );
  expect(dirty.seconds_since_last_run).toBeLessThan(15);
});

test('a partition that cannot be cleaned is counted until it is gone', async () => {
  const config = { ...TOPIC_CONFIG, 'min.compaction.lag.ms': '3600000' };
  await broker.createTopic('damaged', { config });
  await write('damaged', 100, () => 'key');
  const folder = join(directory, 'damaged-0');
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const first = logs.sort()[0];
  const bytes = readFileSync(join(folder, first!));
  bytes[BYTE_OF_RECORDS]! ^= 0xff;
  writeFileSync(join(folder, first!), bytes);
  await alterTopic(client, 'damaged', { 'min.compaction.lag.ms': '0' });
  const found = await figuresWhen(
    'a failed cleaning',
    ({ failures_total: failures }) => failures! > 0,
  );
  expect(found.uncleanable_partitions).toBe(1);
  expect(found.uncleanable_bytes).toBeGreaterThan(2000);
  await client.ask(API.DELETE_TOPICS, 5, {
    topics: [],
    topicNames: ['damaged'],
    timeoutMs: 10_000,
  });
  await figuresWhen('no uncleanable partition', (found) => found.uncleanable_partitions === 0);
});
