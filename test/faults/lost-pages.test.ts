/**
 * Pages of a mapped file that the disk does not give. Cutting a file under the broker makes them
 * anywhere; a disk that really fails needs a loop device, see failing-device.test.ts.
 */
import { statSync, truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { settled } from '../hostile/under-attack.ts';
import { frame, RawPeer } from '../support/raw-peer.ts';
import { skipWithoutAddon } from '../support/skip-without-addon.ts';
import { HarmedBroker, valueAt } from './harmed-broker.ts';
import { get, getAll, makeTopic, put } from './traffic.ts';

const RECORDS = 120;
/** Behind a cut in what was never synced, a start drops all, as after a power loss. */
const SEGMENTS = { 'internal.segment.bytes': '300000', 'flush.messages': '1' };

let harmed: HarmedBroker;

beforeEach(async () => {
  harmed = await HarmedBroker.create();
});

afterEach(() => harmed.discard());

/** Nothing of the partition can be read, too. */
async function expectOffline(path: string): Promise<void> {
  const text = await harmed.offlineReason(RECORDS);
  expect(text).toContain('topic-0 is offline');
  expect(text).toContain(path);
  const { error } = await get(harmed.client, 'topic', 0, 0);
  expect(error).toBe(ERROR.KAFKA_STORAGE_ERROR);
  expect(harmed.broker.lines.filter((line) => line.includes(path)).length).toBe(1);
}

describe.each([0, 1])('with num.io.threads=%i', (threads) => {
  beforeEach(async () => {
    await harmed.start(threads);
    await harmed.fill(RECORDS, SEGMENTS);
  });

  test('a closed segment that is cut takes its partition offline, and a restart serves the rest', async () => {
    const cut = harmed.segments('.log')[1]!;
    const next = harmed.segments('.log')[2]!;
    truncateSync(cut.path, Math.floor(statSync(cut.path).size / 2));
    expect((await get(harmed.client, 'topic', 0, cut.base)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    await expectOffline(cut.path);
    await harmed.restart(threads);
    expect((await harmed.broker.http('/readyz')).status).toBe(200);
    for (const offset of [0, cut.base, next.base, RECORDS - 1]) {
      const { error, records } = await get(harmed.client, 'topic', 0, offset);
      expect(error, `offset ${offset}; ${harmed.broker.lines.join('; ')}`).toBe(0);
      expect(records[0]).toMatchObject({ offset, value: valueAt(offset) });
    }
    expect(await put(harmed.client, 'topic', 0, valueAt(0))).toEqual({ error: 0, offset: RECORDS });
  });

  test('so does the active segment', async () => {
    const cut = harmed.segments('.log').at(-1)!;
    truncateSync(cut.path, 15_000);
    expect((await get(harmed.client, 'topic', 0, cut.base)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    await expectOffline(cut.path);
    await harmed.restart(threads);
    expect((await harmed.broker.http('/readyz')).status).toBe(200);
    const { error, records } = await get(harmed.client, 'topic', 0, cut.base);
    expect(error).toBe(0);
    expect(records[0]).toMatchObject({ offset: cut.base, value: valueAt(cut.base) });
    expect((await put(harmed.client, 'topic', 0, valueAt(0))).error).toBe(0);
  });

  describe('and through its map', () => {
    skipWithoutAddon('without maps an index is only written and read: a search goes without it');

    test.each(['.index', '.timeindex'])(
      'an %s that is cut while it is written, whose log is whole',
      async (ending) => {
        const cut = harmed.segments(ending).at(-1)!;
        truncateSync(cut.path, 0);
        await expectOffline(cut.path.replace(ending, '.log'));
        await harmed.restart(threads);
        const values = await getAll(harmed.client, 'topic', 0);
        for (const [i, value] of values.entries())
          expect(value).toBe(valueAt(i % RECORDS).toString());
        expect(values.length).toBeGreaterThanOrEqual(RECORDS);
      },
    );

    test('an index that is cut while it is read', async () => {
      const cut = harmed.segments('.index')[1]!;
      expect((await get(harmed.client, 'topic', 0, cut.base + 20)).error).toBe(0);
      truncateSync(cut.path, 0);
      expect((await get(harmed.client, 'topic', 0, cut.base + 15)).error).toBe(
        ERROR.KAFKA_STORAGE_ERROR,
      );
      await expectOffline(cut.path);
      await harmed.restart(threads);
      expect((await getAll(harmed.client, 'topic', 0)).length).toBe(RECORDS);
    });
  });
});

describe('what was on its way', () => {
  describe('as slices of a map', () => {
    skipWithoutAddon('without maps what is on its way is a copy');

    test('over a socket is never completed with other bytes, and the partition goes offline', async () => {
      await harmed.start(0);
      await makeTopic(harmed.client, 'topic', 2);
      const large = Buffer.alloc(900_000, 'x');
      for (let i = 0; i < 40; i++)
        expect((await put(harmed.client, 'topic', 0, large)).error).toBe(0);
      for (let i = 0; i < RECORDS; i++) await put(harmed.client, 'topic', 1, valueAt(i));
      const peer = await RawPeer.open(harmed.broker.port);
      peer.forget();
      peer.socket.pause();
      await peer.send(frame(fetchRequest(60_000_000)));
      // The answer fills the buffers of both ends; the rest of it waits for this peer.
      await settled(
        async () => (await harmed.broker.metric('millrace_fetched_bytes_total')) > 30_000_000,
      );
      const cut = harmed.segments('.log')[0]!;
      truncateSync(cut.path, 0);
      peer.socket.resume();
      await peer.closedWithin(10_000);
      expect(peer.receivedBytes).toBeLessThan(36_000_000);
      await expectOffline(cut.path);
    });
  });

  test('over HTTP ends as a stream that broke off', async () => {
    await harmed.start(0);
    await harmed.fill(RECORDS, SEGMENTS);
    const cut = harmed.segments('.log')[1]!;
    truncateSync(cut.path, 5000);
    const response = await harmed.broker.http('/topics/topic/records?partition=0');
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
