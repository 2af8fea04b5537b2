/**
 * Pages of a mapped file that the disk does not give. Cutting a file under the broker makes them
 * anywhere; a disk that really fails needs a loop device, see failing-device.test.ts.
 */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { ERROR } from '../../src/protocol/error-codes.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { WireClient } from '../front/handlers/wire-client.ts';
import { BrokerProcess } from '../hostile/broker-process.ts';
import { frame, RawPeer } from '../hostile/raw-peer.ts';
import { settled } from '../hostile/under-attack.ts';
import { get, getAll, makeTopic, put } from './traffic.ts';

const RECORDS = 120;
const VALUE_BYTES = 10_000;
/** Behind a cut in what was never synced, a start drops all, as after a power loss. */
const SEGMENTS = { 'internal.segment.bytes': '300000', 'flush.messages': '1' };
const OFFLINE = 'millrace_partition_offline{topic="topic",partition="0"}';

let dataDir: string;
let broker: BrokerProcess;
let client: WireClient;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-lost-'));
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

async function restart(threads: number): Promise<void> {
  client.close();
  expect(await broker.stop()).toBe(0);
  await start(threads);
}

function valueAt(index: number): Buffer {
  return Buffer.alloc(VALUE_BYTES, String(index % 10));
}

/** Two partitions of several segments each. */
async function fill(): Promise<void> {
  await makeTopic(client, 'topic', 2, SEGMENTS);
  for (let i = 0; i < RECORDS; i++) {
    expect((await put(client, 'topic', 0, valueAt(i))).error).toBe(0);
    expect((await put(client, 'topic', 1, valueAt(i))).error).toBe(0);
  }
}

interface SegmentFile {
  readonly path: string;
  readonly base: number;
}

function segments(ending: string): SegmentFile[] {
  const directory = join(dataDir, 'topic-0');
  return readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => ({ path: join(directory, name), base: Number.parseInt(name, 10) }));
}

/** The partition is offline and says why; the other one does not notice. */
async function expectOffline(path: string): Promise<void> {
  await settled(async () => (await put(client, 'topic', 0, valueAt(0))).error !== 0);
  expect((await put(client, 'topic', 0, valueAt(0))).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
  expect((await get(client, 'topic', 0, 0)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
  const readiness = await broker.http('/readyz');
  expect(readiness.status).toBe(503);
  const text = await readiness.text();
  expect(text).toContain('topic-0 is offline');
  expect(text).toContain(path);
  expect(await broker.metric(OFFLINE)).toBe(1);
  expect(broker.lines.filter((line) => line.includes(path)).length).toBe(1);
  expect((await put(client, 'topic', 1, valueAt(RECORDS))).error).toBe(0);
  const others = await getAll(client, 'topic', 1);
  for (const [i, value] of others.entries()) expect(value).toBe(valueAt(i).toString());
  expect(others.length).toBe(RECORDS + 1);
}

describe.each([0, 1])('with num.io.threads=%i', (threads) => {
  beforeEach(async () => {
    await start(threads);
    await fill();
  });

  test('a closed segment that is cut takes its partition offline, and a restart serves the rest', async () => {
    const cut = segments('.log')[1]!;
    const next = segments('.log')[2]!;
    truncateSync(cut.path, Math.floor(statSync(cut.path).size / 2));
    expect((await get(client, 'topic', 0, cut.base)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    await expectOffline(cut.path);
    await restart(threads);
    expect((await broker.http('/readyz')).status).toBe(200);
    for (const offset of [0, cut.base, next.base, RECORDS - 1]) {
      const { error, records } = await get(client, 'topic', 0, offset);
      expect(error).toBe(0);
      expect(records[0]).toMatchObject({ offset, value: valueAt(offset) });
    }
    expect(await put(client, 'topic', 0, valueAt(0))).toEqual({ error: 0, offset: RECORDS });
  });

  test('so does the active segment', async () => {
    const cut = segments('.log').at(-1)!;
    truncateSync(cut.path, 15_000);
    expect((await get(client, 'topic', 0, cut.base)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    await expectOffline(cut.path);
    await restart(threads);
    expect((await broker.http('/readyz')).status).toBe(200);
    const { error, records } = await get(client, 'topic', 0, cut.base);
    expect(error).toBe(0);
    expect(records[0]).toMatchObject({ offset: cut.base, value: valueAt(cut.base) });
    expect((await put(client, 'topic', 0, valueAt(0))).error).toBe(0);
  });

  test.each(['.index', '.timeindex'])(
    'and an %s that is cut while it is written, whose log is whole',
    async (ending) => {
      const cut = segments(ending).at(-1)!;
      truncateSync(cut.path, 0);
      await expectOffline(cut.path.replace(ending, '.log'));
      await restart(threads);
      const values = await getAll(client, 'topic', 0);
      for (const [i, value] of values.entries())
        expect(value).toBe(valueAt(i % RECORDS).toString());
      expect(values.length).toBeGreaterThanOrEqual(RECORDS);
    },
  );

  test('and an index that is cut while it is read', async () => {
    const cut = segments('.index')[1]!;
    expect((await get(client, 'topic', 0, cut.base + 20)).error).toBe(0);
    truncateSync(cut.path, 0);
    expect((await get(client, 'topic', 0, cut.base + 15)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    await expectOffline(cut.path);
    await restart(threads);
    expect((await getAll(client, 'topic', 0)).length).toBe(RECORDS);
  });
});

describe('what was on its way', () => {
  test('over a socket is never completed with other bytes, and the partition goes offline', async () => {
    await start(0);
    await makeTopic(client, 'topic', 2);
    const large = Buffer.alloc(900_000, 'x');
    for (let i = 0; i < 40; i++) expect((await put(client, 'topic', 0, large)).error).toBe(0);
    for (let i = 0; i < RECORDS; i++) await put(client, 'topic', 1, valueAt(i));
    const peer = await RawPeer.open(broker.port);
    peer.forget();
    peer.socket.pause();
    await peer.send(frame(fetchRequest(60_000_000)));
    // The answer fills the buffers of both ends; the rest of it waits for this peer.
    await settled(async () => (await broker.metric('millrace_fetched_bytes_total')) > 30_000_000);
    const cut = segments('.log')[0]!;
    truncateSync(cut.path, 0);
    peer.socket.resume();
    await peer.closedWithin(10_000);
    expect(peer.receivedBytes).toBeLessThan(36_000_000);
    await expectOffline(cut.path);
  });

  test('over HTTP ends as a stream that broke off', async () => {
    await start(0);
    await fill();
    const cut = segments('.log')[1]!;
    truncateSync(cut.path, 5000);
    const response = await broker.http('/topics/topic/records?partition=0');
    await expect(response.text()).rejects.toThrow();
    await expectOffline(cut.path);
  });
});

function fetchRequest(bytesMax: number): Buffer {
  const header = { correlationId: 1, clientId: 'slow' };
  return encodeRequest(API.FETCH, 4, header, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: bytesMax,
    isolationLevel: 0,
    topics: [
      {
        topic: 'topic',
        partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: bytesMax }],
      },
    ],
  });
}
