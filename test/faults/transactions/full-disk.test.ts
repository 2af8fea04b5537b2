/**
 * A disk that fills up and has room again while transactions run: whichever write it meets, of a
 * batch, of the transaction log, of offsets, markers, indexes or snapshots, transactions end as
 * they were decided. Needs root and mount namespaces; without them it is skipped.
 */
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BrokerProcess } from '../../support/broker-process.ts';
import { NEWER, OLDER, TransactionalClient } from '../../support/transactional-client.mjs';
import { canMount, fillToTheBrim, startOnSmallDisk } from '../small-disk.ts';
import { CONFIG, Stage, TOPIC_PARTITIONS } from './stage.ts';

const DISK_BYTES = 24 * 1024 * 1024;
const TRANSACTIONS = 16;
const VALUE_BYTES = 30_000;
const SMALL_SEGMENTS = {
  'log.segment.bytes': 1_048_576,
  'transaction.state.log.segment.bytes': 1_048_576,
  'offsets.topic.segment.bytes': 1_048_576,
  'log.index.size.max.bytes': 4096,
};

let mountPoint: string;
let broker: BrokerProcess;
let stage: Stage;
/** Holds the disk when the process that mounted it has ended. */
let held: number;

beforeEach(async (context) => {
  if (!canMount()) context.skip('needs root and mount namespaces');
  mountPoint = await mkdtemp(join(tmpdir(), 'millrace-full-'));
  const config = { ...CONFIG, ...SMALL_SEGMENTS };
  const started = await startOnSmallDisk(mountPoint, DISK_BYTES, config);
  broker = started.broker;
  held = openSync(started.disk, 'r');
  stage = await Stage.at(broker);
});

afterEach(async () => {
  if (stage === undefined) return;
  await stage.close();
  closeSync(held);
  await rm(mountPoint, { recursive: true, force: true });
});

/**
 * A disk that is full before each step of a transaction, and has room again once the broker has
 * refused the step so many times. A step that fits into what is reserved is not refused.
 */
class RecurrentFullness {
  refusals = 0;
  #makeRoom: (() => void) | null = null;
  #refusalsLeft = 0;

  /** From now on every step meets a full disk, until it was refused so many times. */
  fill(refusals: number): void {
    this.end();
    this.#refusalsLeft = refusals;
    this.#makeRoom = fillToTheBrim(`/proc/self/fd/${held}`);
  }

  end(): void {
    this.#makeRoom?.();
    this.#makeRoom = null;
  }

  /** In the place of the pause that the client makes before it sends a refused step again. */
  readonly sleep = async (ms: number): Promise<void> => {
    this.refusals++;
    if (--this.#refusalsLeft <= 0) this.end();
    await sleep(ms);
  };
}

describe.each([OLDER, NEWER])('protocol $name', (protocol) => {
  test('transactions end as they were decided over a disk that is full at times', async () => {
    const disk = new RecurrentFullness();
    const options = { protocol, sleep: disk.sleep };
    const client = new TransactionalClient(await stage.connection(), 'full-disk', options);
    await client.init();
    const padding = 'x'.repeat(VALUE_BYTES);
    const expected: string[][] = Array.from({ length: TOPIC_PARTITIONS }, () => []);
    for (let number = 0; number < TRANSACTIONS; number++) {
      const commits = number % 4 !== 3;
      const refusals = 1 + (number % 3);
      for (let partition = 0; partition < TOPIC_PARTITIONS; partition++) {
        disk.fill(refusals);
        await client.produce(stage.topic, partition, [`${number} ${padding}`]);
        if (commits) expected[partition]!.push(String(number));
      }
      disk.fill(refusals);
      await client.commitOffset(stage.group, stage.topic, 0, number + 1);
      disk.fill(refusals);
      await client.end(commits);
    }
    disk.end();
    expect(disk.refusals).toBeGreaterThan(TOPIC_PARTITIONS);
    await stage.untilStable();
    for (const [partition, numbers] of expected.entries()) {
      const values = await stage.committed(partition);
      expect(values.map((value) => value.split(' ')[0])).toEqual(numbers);
    }
    expect(await stage.committedOffset()).toBe(TRANSACTIONS - 1);
    expect(broker.isAlive).toBe(true);
  }, 120_000);
});
