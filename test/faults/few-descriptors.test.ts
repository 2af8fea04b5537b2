/** A broker that has no descriptor left for a moment, with requests that need one. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { settled } from '../hostile/under-attack.ts';
import { HarmedBroker, valueAt } from './harmed-broker.ts';
import { get, getAll, put } from './traffic.ts';

const RECORDS = 40;
const SEGMENTS = { 'internal.segment.bytes': '100000' };
/** Those of the standard streams, which are taken. */
const NONE = 3;
const ENOUGH = 1000;

let harmed: HarmedBroker;

beforeEach(async () => {
  harmed = await HarmedBroker.create();
});

afterEach(() => harmed.discard());

function limitTo(descriptors: number): void {
  execFileSync('prlimit', ['--pid', String(harmed.broker.pid), `--nofile=${descriptors}:`]);
}

/** Error and offset of a search for the first record. */
async function firstByTime(index: number) {
  const partitions = [{ partitionIndex: index, currentLeaderEpoch: -1, timestamp: 1 }];
  const answer = await harmed.client.ask(API.LIST_OFFSETS, 5, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: 'topic', partitions }],
  });
  const { errorCode, offset } = answer.topics[0]!.partitions[0]!;
  return [errorCode, offset];
}

describe.each([0, 1])('with num.io.threads=%i', (threads) => {
  const REFUSED = ERROR.KAFKA_STORAGE_ERROR;

  async function expectWhole(count: number): Promise<void> {
    for (const index of [0, 1]) {
      const values = await getAll(harmed.client, 'topic', index);
      expect(values.slice(0, count)).toEqual(
        Array.from({ length: count }, (_, i) => valueAt(i).toString()),
      );
      expect((await put(harmed.client, 'topic', index, valueAt(0))).error).toBe(0);
      expect(await firstByTime(index)).toEqual([0, 0]);
    }
    await settled(async () => (await harmed.broker.http('/readyz')).status === 200);
    expect(harmed.broker.log).toMatch(/topic-0.* EMFILE/);
    expect(harmed.broker.lines.filter((line) => line.includes('ERROR'))).toEqual([]);
  }

  test('a log that was not opened yet is opened by the next request', async () => {
    await harmed.start(threads);
    await harmed.fill(RECORDS, SEGMENTS);
    await harmed.restart(threads);
    const { client } = harmed;
    // The answer says that the connection was accepted, for which there is a descriptor now.
    await client.ask(API.API_VERSIONS, 0, {});
    limitTo(NONE);
    expect((await get(client, 'topic', 0, 0)).error).toBe(REFUSED);
    expect(await firstByTime(0)).toEqual([REFUSED, -1]);
    expect((await put(client, 'topic', 1, valueAt(0))).error).toBe(REFUSED);
    limitTo(ENOUGH);
    await expectWhole(RECORDS);
  });

  test('a log that is open is read on by the next request', async () => {
    await harmed.start(threads);
    await harmed.fill(RECORDS, SEGMENTS);
    limitTo(NONE);
    expect((await get(harmed.client, 'topic', 0, 0)).error).toBe(REFUSED);
    expect(await firstByTime(0)).toEqual([REFUSED, -1]);
    limitTo(ENOUGH);
    await expectWhole(RECORDS);
  });
});
