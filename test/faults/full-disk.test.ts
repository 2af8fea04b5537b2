/**
 * A disk without a free block, for longer than the checkpoint interval: nothing that is saved in the
 * background finds room. Needs root and mount namespaces; without them it is skipped.
 */
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { settled } from '../hostile/under-attack.ts';
import type { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { canMount, fillToTheBrim, startOnSmallDisk } from './small-disk.ts';
import { get, getAll, makeTopic, put } from './traffic.ts';

const DISK_BYTES = 60 * 1024 * 1024;
const RECORD = Buffer.alloc(20_000, 0x61);
const FAILING = 'millrace_checkpoints_failing';
const CONFIG = {
  'log.segment.bytes': 1_048_576,
  'log.index.size.max.bytes': 65_536,
  'log.flush.offset.checkpoint.interval.ms': 50,
  'log.flush.start.offset.checkpoint.interval.ms': 50,
  'metadata.log.max.record.bytes.between.snapshots': 2048,
};

let mountPoint: string;
let broker: BrokerProcess;
let client: WireClient;
let disk: string;
/** Holds the disk when the process that mounted it has ended. */
let held: number;

beforeEach(async (context) => {
  if (!canMount()) context.skip('needs root and mount namespaces');
  mountPoint = await mkdtemp(join(tmpdir(), 'millrace-full-'));
  const started = await startOnSmallDisk(mountPoint, DISK_BYTES, CONFIG);
  broker = started.broker;
  held = openSync(started.disk, 'r');
  disk = `/proc/self/fd/${held}`;
  client = await WireClient.open(broker.port);
  await makeTopic(client, 'topic', 2);
  expect((await put(client, 'topic', 0, RECORD)).error).toBe(0);
  expect((await put(client, 'topic', 1, RECORD)).error).toBe(0);
});

afterEach(async () => {
  if (mountPoint === undefined) return;
  client.close();
  await broker.kill();
  closeSync(held);
  await rm(mountPoint, { recursive: true, force: true });
});

/** So that no append fits any more; says how many records the topic's first partition has. */
async function exhaust(): Promise<{ records: number; makeRoom: () => void }> {
  const makeRoom = fillToTheBrim(disk);
  for (let records = 1; ; records++) {
    const { error } = await put(client, 'topic', 0, RECORD);
    if (error === 0) continue;
    expect(error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    return { records, makeRoom };
  }
}

async function deleteRecords(offset: number) {
  const answer = await client.ask(API.DELETE_RECORDS, 2, {
    topics: [{ name: 'topic', partitions: [{ partitionIndex: 0, offset }] }],
    timeoutMs: 1000,
  });
  return answer.topics[0]!.partitions[0]!;
}

async function alterConfig(value: string): Promise<number> {
  const answer = await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, {
    resources: [
      {
        resourceType: 2,
        resourceName: 'topic',
        configs: [{ name: 'retention.ms', configOperation: 0, value }],
      },
    ],
    validateOnly: false,
  });
  return answer.responses[0]!.errorCode;
}

async function findCoordinator(): Promise<number> {
  const asked = { key: '', keyType: 0, coordinatorKeys: ['group'] };
  const answer = await client.ask(API.FIND_COORDINATOR, 4, asked);
  return answer.coordinators[0]!.errorCode;
}

describe('on a disk without a free block', () => {
  test('the broker stays up, says what fails, and all of it works again when there is room', async () => {
    const { records, makeRoom } = await exhaust();
    await settled(async () => (await broker.metric(FAILING)) === 1);
    const readiness = await broker.http('/readyz');
    expect(readiness.status).toBe(200);
    expect(await readiness.text()).toMatch(/checkpoints cannot be saved: .*ENOSPC/);
    const tellings = () => broker.lines.filter((line) => /checkpoints cannot be saved/.test(line));
    expect(tellings().length).toBe(1);
    for (let i = 0; i < 10; i++) {
      expect((await put(client, 'topic', 0, RECORD)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
      expect((await get(client, 'topic', 1, 0)).records.length).toBe(1);
    }
    expect((await getAll(client, 'topic', 0)).length).toBe(records);
    expect((await deleteRecords(1)).errorCode).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect((await broker.http('/livez')).status).toBe(200);
    expect(tellings().length).toBe(1);
    makeRoom();
    await settled(async () => (await broker.metric(FAILING)) === 0);
    expect(broker.log).toMatch(/checkpoints are saved again/);
    expect((await deleteRecords(1)).errorCode).toBe(0);
    await settled(async () => (await put(client, 'topic', 0, RECORD)).error === 0);
    for (let i = 0; i < 60; i++) expect((await put(client, 'topic', 0, RECORD)).error).toBe(0);
    expect(await broker.stop()).toBe(0);
    expect(existsSync(join(disk, '.kafka_cleanshutdown'))).toBe(true);
  });

  test('changes of the metadata are refused with an error, and taken when there is room', async () => {
    const { makeRoom } = await exhaust();
    const refusals = new Set<number>();
    let i = 0;
    // A change fits as long as the last block of the metadata log has room for it.
    while (refusals.size === 0 && i < 200) {
      const error = await alterConfig(String(1_000_000 + i++));
      if (error !== 0) refusals.add(error);
    }
    expect([...refusals]).toEqual([ERROR.KAFKA_STORAGE_ERROR]);
    expect(await makeTopic(client, 'another', 3)).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(await findCoordinator()).toBe(ERROR.COORDINATOR_NOT_AVAILABLE);
    expect((await get(client, 'topic', 1, 0)).records.length).toBe(1);
    makeRoom();
    expect(await alterConfig('86400000')).toBe(0);
    expect(await makeTopic(client, 'another', 3)).toBe(0);
    await settled(async () => (await put(client, 'another', 2, RECORD)).error === 0);
    await settled(async () => (await findCoordinator()) === 0);
    expect(await broker.stop()).toBe(0);
    expect(existsSync(join(disk, '.kafka_cleanshutdown'))).toBe(true);
  });

  test('a stop ends, and is marked as clean only where the checkpoints found room', async () => {
    await exhaust();
    expect(await broker.stop()).toBe(0);
    // Closing a log gives back the blocks that were reserved for it, which may be room enough.
    const isClean = existsSync(join(disk, '.kafka_cleanshutdown'));
    const ofStop = broker.log.slice(broker.log.indexOf('stopping'));
    // A save that the stop waited for may have failed before its own found that room.
    const lastWord = ofStop.slice(ofStop.lastIndexOf('saved again') + 1);
    expect(isClean).toBe(!/the next start scans more|cannot be marked|should be/.test(lastWord));
  });
});
