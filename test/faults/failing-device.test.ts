/**
 * A disk that does not give what it was given: a file system on a loop device whose image ends too
 * early. Needs root, mount namespaces, mkfs.ext4 and loop devices; without them it is skipped.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { settled } from '../hostile/under-attack.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { get, getAll, makeTopic, put } from './traffic.ts';

const IMAGE_BYTES = 64 * 1024 * 1024;
const BLOCK_BYTES = 4096;
const RECORDS = 120;
const VALUE = Buffer.alloc(10_000, 'v');

let root: string;
let image: string;
let mountPoint: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-device-'));
  image = join(root, 'image');
  mountPoint = join(root, 'mounted');
  await mkdir(mountPoint);
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const mount = () => `mount -o loop,errors=continue ${image} ${mountPoint}`;

function makeDisk(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    writeFileSync(image, '');
    truncateSync(image, IMAGE_BYTES);
    execFileSync('mkfs.ext4', ['-q', '-b', String(BLOCK_BYTES), '-O', '^has_journal', image]);
    execFileSync('unshare', ['-m', 'sh', '-c', mount()], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Only its process sees the disk mounted. */
function start(): Promise<BrokerProcess> {
  return BrokerProcess.start({
    dataDir: mountPoint,
    config: { 'num.io.threads': 0 },
    under: `exec unshare -m /bin/sh -c '${mount()} && exec "$@"' sh "$@"`,
  });
}

function beside(broker: BrokerProcess, command: string): string {
  const words = ['-t', String(broker.pid), '-m', '/bin/sh', '-c', command];
  return execFileSync('nsenter', words, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

/** The blocks that the image lost; those that were written to since keep what they have now. */
function restore(lost: Buffer, at: number): void {
  const now = readFileSync(image).subarray(at);
  for (let block = 0; block < lost.length; block += BLOCK_BYTES) {
    const written = now.subarray(block, block + BLOCK_BYTES);
    if (written.some((byte) => byte !== 0)) written.copy(lost, block);
  }
  const fd = openSync(image, 'r+');
  writeSync(fd, lost, 0, lost.length, at);
  closeSync(fd);
}

/** Where on the device the middle of a file lies. */
function middleOf(broker: BrokerProcess, path: string, bytes: number): number {
  const wanted = Math.floor(bytes / 2 / BLOCK_BYTES);
  for (const line of beside(broker, `filefrag -v -b${BLOCK_BYTES} ${path}`).split('\n')) {
    const [, first, last, physical] = /^\s*\d+:\s*(\d+)\.\.\s*(\d+):\s*(\d+)\.\./.exec(line) ?? [];
    if (physical === undefined || Number(last) < wanted) continue;
    return (Number(physical) + wanted - Number(first)) * BLOCK_BYTES;
  }
  throw new Error(`${path} has no block ${wanted}`);
}

/** The last closed segment of topic-0, behind all that is written to the other partition. */
async function victimOf(broker: BrokerProcess): Promise<{ path: string; bytes: number }> {
  const names = await readdir(`/proc/${broker.pid}/root${mountPoint}/topic-0`);
  const logs = names.filter((name) => name.endsWith('.log')).sort();
  const path = join(mountPoint, 'topic-0', logs.at(-2)!);
  return { path, bytes: statSync(`/proc/${broker.pid}/root${path}`).size };
}

async function fill(client: WireClient): Promise<void> {
  await makeTopic(client, 'topic', 2, { 'internal.segment.bytes': '300000' });
  for (const partition of [1, 0]) {
    for (let i = 0; i < RECORDS; i++) {
      expect((await put(client, 'topic', partition, VALUE)).error).toBe(0);
    }
  }
}

/** Behind the damage everything is as before. */
async function expectOnlyOneOffline(reason: RegExp): Promise<void> {
  await settled(async () => {
    return (await get(client, 'topic', 0, 0)).error === ERROR.KAFKA_STORAGE_ERROR;
  });
  const readiness = await broker.http('/readyz');
  expect(readiness.status).toBe(503);
  expect(await readiness.text()).toMatch(reason);
  expect((await put(client, 'topic', 0, VALUE)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
  expect((await put(client, 'topic', 1, VALUE)).error).toBe(0);
  expect((await getAll(client, 'topic', 1)).length).toBeGreaterThan(RECORDS);
}

let broker: BrokerProcess;
let client: WireClient;

test('EIO on a mapped page takes the partition offline, and a start on a whole disk brings it back', async (context) => {
  if (!makeDisk()) context.skip('needs root, mount namespaces, mkfs.ext4 and loop devices');
  broker = await start();
  try {
    client = await WireClient.open(broker.port);
    await fill(client);
    const { path, bytes } = await victimOf(broker);
    // On the disk and out of memory: nobody has read it yet.
    beside(broker, `sync; dd if=${path} of=/dev/null iflag=nocache count=0`);
    const brokenAt = middleOf(broker, path, bytes);
    const lost = readFileSync(image).subarray(brokenAt);
    truncateSync(image, brokenAt);
    const base = Number.parseInt(basename(path), 10);
    expect((await get(client, 'topic', 0, base)).error).toBe(ERROR.KAFKA_STORAGE_ERROR);
    await expectOnlyOneOffline(new RegExp(`${path} cannot be read \\(EIO\\)`));
    client.close();
    expect(await broker.stop()).toBe(0);
    restore(lost, brokenAt);
    broker = await start();
    client = await WireClient.open(broker.port);
    expect((await broker.http('/readyz')).status).toBe(200);
    expect((await getAll(client, 'topic', 0)).length).toBe(RECORDS);
    expect((await put(client, 'topic', 0, VALUE)).error).toBe(0);
  } finally {
    client.close();
    await broker.kill();
  }
}, 60_000);
