import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { portableReason } from '../../src/log/native.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { settled } from '../hostile/under-attack.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { canMount, fillUp, startOnSmallDisk } from './small-disk.ts';
import { get, getAll, makeTopic, put } from './traffic.ts';

const RECORD = Buffer.alloc(20_000, 0x61);
const DISK_BYTES = 24 * 1024 * 1024;

let mountPoint: string;

beforeEach(async () => {
  mountPoint = await mkdtemp(join(tmpdir(), 'millrace-disk-'));
});

afterEach(async () => {
  await rm(mountPoint, { recursive: true, force: true });
});

describe('on a disk that fills up', () => {
  test('appends are refused, reads go on, and writes resume by themselves', async (context) => {
    if (!canMount()) context.skip('needs root and mount namespaces');
    const { broker, disk } = await startOnSmallDisk(mountPoint, DISK_BYTES, {
      'log.segment.bytes': 1_048_576,
      'log.index.size.max.bytes': 65_536,
    });
    const client = await WireClient.open(broker.port);
    await makeTopic(client, 'topic', 2);
    expect((await put(client, 'topic', 0, RECORD)).error).toBe(0);
    expect((await put(client, 'topic', 1, RECORD)).error).toBe(0);
    const makeRoom = fillUp(disk, 200_000);
    let written = 1;
    let error = 0;
    while (error === 0) {
      error = (await put(client, 'topic', 0, RECORD)).error;
      if (error === 0) written++;
    }
    expect(error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    for (let i = 0; i < 30; i++) {
      expect((await put(client, 'topic', 0, RECORD)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    }
    // Metadata has no room either, and says so; what is there is served.
    await makeTopic(client, 'another', 4);
    expect((await getAll(client, 'topic', 0)).length).toBe(written);
    expect((await get(client, 'topic', 1, 0)).records.length).toBe(1);
    expect((await broker.http('/livez')).status).toBe(200);
    makeRoom();
    await settled(async () => (await put(client, 'topic', 0, RECORD)).error === 0);
    for (let i = 0; i < 100; i++) {
      expect((await put(client, 'topic', 0, RECORD)).error).toBe(0);
    }
    expect((await put(client, 'topic', 1, RECORD)).error).toBe(0);
    const all = await getAll(client, 'topic', 0);
    expect(all.every((value) => value.length === RECORD.length)).toBe(true);
    expect([0, ERROR.TOPIC_ALREADY_EXISTS]).toContain(await makeTopic(client, 'another', 4));
    client.close();
    expect(await broker.stop()).toBe(0);
  }, 60_000);

  test('log.dir.min.free.bytes refuses appends before it is full', async (context) => {
    if (!canMount()) context.skip('needs root and mount namespaces');
    const { broker, disk } = await startOnSmallDisk(mountPoint, DISK_BYTES, {
      'log.dir.min.free.bytes': 4_000_000,
    });
    const client = await WireClient.open(broker.port);
    await makeTopic(client, 'topic');
    expect((await put(client, 'topic', 0, RECORD)).error).toBe(0);
    const makeRoom = fillUp(disk, 3_000_000);
    await settled(
      async () => (await put(client, 'topic', 0, RECORD)).error === ERROR.KAFKA_STORAGE_ERROR,
    );
    expect(broker.log).toMatch(/bytes free \(log\.dir\.min\.free\.bytes is 4000000\)/);
    makeRoom();
    await settled(async () => (await put(client, 'topic', 0, RECORD)).error === 0);
    client.close();
    expect(await broker.stop()).toBe(0);
  }, 60_000);
});

/** Makes a system call of the broker fail from now on, in all its threads, for as long as it runs. */
const INJECT = (call: string, errno: string) =>
  `exec strace -f --seccomp-bpf -qq -o /dev/null -e trace=${call} -e inject=${call}:error=${errno}`;

describe('on a disk that fails', () => {
  beforeEach((context) => {
    if (!existsSync('/usr/bin/strace')) context.skip('needs strace');
  });

  test.each([
    ['again and again', '2+'],
    ['once, which no later sync makes good', '2'],
  ])(
    'a sync that fails %s acknowledges nothing from there on',
    async (_, when) => {
      const config = { 'millrace.durability': 'group', 'log.segment.bytes': 1_048_576 };
      const first = await BrokerProcess.start({ dataDir: mountPoint, config });
      const client = await WireClient.open(first.port);
      await makeTopic(client, 'topic', 2);
      for (let i = 0; i < 20; i++) {
        expect((await put(client, 'topic', 0, Buffer.from(String(i)))).error).toBe(0);
      }
      client.close();
      await first.stop();
      // Of each thread the first is one of the start.
      const broker = await BrokerProcess.start({
        dataDir: mountPoint,
        config,
        under: `${INJECT('fdatasync', 'EIO')}:when=${when} "$@"`,
      });
      const peer = await WireClient.open(broker.port);
      const results: number[] = [];
      for (let i = 0; i < 20; i++) {
        results.push((await put(peer, 'topic', 0, Buffer.from(`late ${i}`))).error);
      }
      const acknowledged = results.filter((error) => error === 0).length;
      expect(results.at(-1)).toBe(ERROR.KAFKA_STORAGE_ERROR);
      // Once failed, never again acknowledged: the errors are all behind the successes.
      expect(results.slice(acknowledged).every((error) => error !== 0)).toBe(true);
      const readiness = await broker.http('/readyz');
      expect(readiness.status).toBe(503);
      expect(await readiness.text()).toMatch(/topic-0 is offline: .*sync failed/);
      const sample = 'millrace_partition_offline{topic="topic",partition="0"}';
      expect(await broker.metric(sample)).toBe(1);
      peer.close();
      broker.signal('SIGTERM');
      await broker.ended;
      const again = await BrokerProcess.start({ dataDir: mountPoint, config });
      const reader = await WireClient.open(again.port);
      const values = await getAll(reader, 'topic', 0);
      expect(values.length).toBeGreaterThanOrEqual(20 + acknowledged);
      expect(values.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
      expect((await put(reader, 'topic', 0, RECORD)).error).toBe(0);
      reader.close();
      expect(await again.stop()).toBe(0);
    },
    60_000,
  );

  test.each([
    ['a reservation', portableReason === '' ? 'fallocate' : 'ftruncate', 4],
    ['a write', 'pwrite64', 20],
  ])(
    '%s that fails takes the partition offline, and a restart brings it back',
    async (_, call, when) => {
      const config = { 'log.segment.bytes': 1_048_576 };
      const log = join(mountPoint, 'topic-0', '00000000000000000000.log');
      const broker = await BrokerProcess.start({
        dataDir: mountPoint,
        config,
        under: `${INJECT(call, 'EIO')}:when=${when}+ -P ${log} "$@"`,
      });
      const client = await WireClient.open(broker.port);
      await makeTopic(client, 'topic', 2);
      let acknowledged = 0;
      for (let i = 0; i < 150; i++) {
        const { error } = await put(client, 'topic', 0, RECORD);
        if (error === 0) acknowledged++;
        else expect(error).toBe(ERROR.KAFKA_STORAGE_ERROR);
      }
      expect(acknowledged).toBeGreaterThan(0);
      expect(acknowledged).toBeLessThan(150);
      expect(await (await broker.http('/readyz')).text()).toMatch(/topic-0 is offline/);
      expect((await put(client, 'topic', 1, RECORD)).error).toBe(0);
      client.close();
      broker.signal('SIGTERM');
      await broker.ended;
      const again = await BrokerProcess.start({ dataDir: mountPoint, config });
      const reader = await WireClient.open(again.port);
      expect((await getAll(reader, 'topic', 0)).length).toBe(acknowledged);
      expect((await put(reader, 'topic', 0, RECORD)).error).toBe(0);
      reader.close();
      expect(await again.stop()).toBe(0);
    },
    60_000,
  );

  test('a read that fails at the start takes the partition offline, and cuts nothing', async () => {
    const log = join(mountPoint, 'topic-0', '00000000000000000000.log');
    const first = await BrokerProcess.start({ dataDir: mountPoint });
    const client = await WireClient.open(first.port);
    await makeTopic(client, 'topic', 2);
    for (let i = 0; i < 10; i++) {
      expect((await put(client, 'topic', 0, RECORD)).error).toBe(0);
      expect((await put(client, 'topic', 1, RECORD)).error).toBe(0);
    }
    client.close();
    expect(await first.stop()).toBe(0);
    const bytes = statSync(log).size;
    const broker = await BrokerProcess.start({
      dataDir: mountPoint,
      under: `${INJECT('pread64', 'EIO')} -P ${log} "$@"`,
    });
    const peer = await WireClient.open(broker.port);
    expect((await get(peer, 'topic', 0, 0)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect((await put(peer, 'topic', 0, RECORD)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(await (await broker.http('/readyz')).text()).toMatch(/topic-0 is offline: .*EIO/);
    expect((await getAll(peer, 'topic', 1)).length).toBe(10);
    peer.close();
    broker.signal('SIGTERM');
    await broker.ended;
    expect(statSync(log).size).toBe(bytes);
    const again = await BrokerProcess.start({ dataDir: mountPoint });
    const reader = await WireClient.open(again.port);
    expect((await getAll(reader, 'topic', 0)).length).toBe(10);
    reader.close();
    expect(await again.stop()).toBe(0);
  }, 60_000);

  test('a rename that fails takes the partition offline, and a restart finishes the removal', async () => {
    const config = { 'log.segment.bytes': 1_048_576 };
    const log = join(mountPoint, 'topic-0', '00000000000000000000.log');
    const broker = await BrokerProcess.start({
      dataDir: mountPoint,
      config,
      under: `${INJECT('rename', 'EIO')} -P ${log} "$@"`,
    });
    const client = await WireClient.open(broker.port);
    await makeTopic(client, 'topic', 2);
    for (let i = 0; i < 150; i++) {
      expect((await put(client, 'topic', 0, RECORD)).error).toBe(0);
    }
    const answer = await client.ask(API.DELETE_RECORDS, 2, {
      topics: [{ name: 'topic', partitions: [{ partitionIndex: 0, offset: 100 }] }],
      timeoutMs: 1000,
    });
    expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect(await (await broker.http('/readyz')).text()).toMatch(/topic-0 is offline: .*EIO/);
    expect((await put(client, 'topic', 0, RECORD)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    expect((await put(client, 'topic', 1, RECORD)).error).toBe(0);
    client.close();
    broker.signal('SIGTERM');
    await broker.ended;
    const again = await BrokerProcess.start({ dataDir: mountPoint, config });
    const reader = await WireClient.open(again.port);
    const { error, records } = await get(reader, 'topic', 0, 100);
    expect(error).toBe(0);
    expect(records[0]!.offset).toBeLessThanOrEqual(100);
    expect((await put(reader, 'topic', 0, RECORD)).error).toBe(0);
    reader.close();
    expect(await again.stop()).toBe(0);
  }, 60_000);
});
