import { spawnSync } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { native } from '../../src/log/native.ts';
import { portableCalls } from '../../src/log/portable/portable-calls.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { BATCH_HEADER_SIZE } from '../../src/records/batch-layout.ts';
import { portableWalkRecords } from '../../src/records/record-walker.ts';
import { Random } from '../records/random.ts';
import { skipWithoutAddon } from '../support/skip-without-addon.ts';

const ADDON = new URL('../../native/build/millrace.node', import.meta.url).pathname;

skipWithoutAddon('these are the calls of the addon');

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-native-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function runWorker(body: string, workerData: unknown): Promise<void> {
  const prelude = `const native = require(${JSON.stringify(ADDON)});
    const { workerData } = require('node:worker_threads');`;
  const worker = new Worker(prelude + body, { eval: true, workerData });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

describe('crc32c', () => {
  it('gives the check value of the standard', () => {
    const digits = Buffer.from('123456789');
    expect(native.crc32c(digits, 0, 9)).toBe(0xe3069283);
    expect(native.crc32cPortable(digits, 0, 9)).toBe(0xe3069283);
    expect(native.crc32c(digits, 4, 4)).toBe(0);
  });

  it('agrees with the portable form at every length around the run boundaries', () => {
    const bytes = Buffer.alloc(14_000);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 7919 + (i >> 3)) & 0xff;
    for (let length = 0; length < 13_000; length += length < 900 ? 1 : 61) {
      const start = length % 9;
      const end = start + length;
      expect(native.crc32c(bytes, start, end)).toBe(native.crc32cPortable(bytes, start, end));
    }
  });

  it('refuses a range outside the bytes and an argument that is no byte array', () => {
    expect(() => native.crc32c(Buffer.alloc(4), 0, 5)).toThrow(/outside/);
    expect(() => native.crc32c(Buffer.alloc(4), 3, 2)).toThrow(/outside/);
    expect(() => native.crc32c(Buffer.alloc(4), -1, 2)).toThrow(/takes/);
    expect(() => native.crc32c('text' as unknown as Buffer, 0, 1)).toThrow(/takes/);
  });
});

describe('copy', () => {
  it('copies between shared and private memory', () => {
    const shared = Buffer.from(new SharedArrayBuffer(64));
    shared.write('hello', 10);
    const target = Buffer.alloc(16);
    native.copy(shared, 10, target, 3, 5);
    expect(target.toString('latin1', 3, 8)).toBe('hello');
  });

  it('refuses to leave either buffer', () => {
    const bytes = Buffer.alloc(8);
    expect(() => native.copy(bytes, 4, bytes, 0, 5)).toThrow(/outside/);
    expect(() => native.copy(bytes, 0, bytes, 6, 3)).toThrow(/outside/);
    expect(() => native.copy(bytes, 0, bytes, Number.MAX_SAFE_INTEGER, 1)).toThrow(/outside/);
  });
});

describe('walkRecords', () => {
  it('judges whole, cut and damaged records as the portable walk does', () => {
    const random = new Random(11);
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      const records = Array.from({ length: 1 + random.below(20) }, (_, at) => ({
        key: random.below(3) === 0 ? null : random.bytes(random.below(9)),
        value: random.below(5) === 0 ? null : random.bytes(random.below(200)),
        headers: at % 4 === 0 ? [{ key: 'h', value: random.bytes(random.below(4)) }] : [],
        timestamp: random.below(2 ** 31),
      }));
      const batch = buildBatch(records);
      const end = random.below(4) === 0 ? random.below(batch.length) : batch.length;
      if (random.below(2) === 0) batch[random.below(batch.length)] = random.below(256);
      const count = records.length + (random.below(9) === 0 ? 1 : 0);
      const start = Math.min(BATCH_HEADER_SIZE, end);
      const keyed = random.below(2) === 0;
      const latest = random.below(2) === 0 ? Number.POSITIVE_INFINITY : 2 ** 30;
      const bounds = [-(2 ** 30) - random.below(2 ** 30), latest] as const;
      const expected = portableWalkRecords(batch, start, end, count, keyed, ...bounds);
      expect(native.walkRecords(batch, start, end, count, keyed, ...bounds)).toBe(expected);
      if (!expected) refused++;
    }
    expect(refused).toBeGreaterThan(200);
    expect(refused).toBeLessThan(1900);
    expect(() => native.walkRecords(Buffer.alloc(2), 0, 3, 1, false, 0, 0)).toThrow(/range/);
  });
});

describe('mapMemory', () => {
  it('gives zeros that can be written, and unmap takes them back', () => {
    const room = native.mapMemory(5_000_000);
    expect(room.length).toBe(5_000_000);
    expect(room.every((byte) => byte === 0)).toBe(true);
    room.fill(7);
    expect(room[4_999_999]).toBe(7);
    expect(native.unmap(room)).toBe(true);
    expect(room.length).toBe(0);
    expect(native.unmap(room)).toBe(false);
  });

  it('refuses what is no length', () => {
    for (const wrong of [0, -1, 'text'])
      expect(() => native.mapMemory(wrong as number)).toThrow(/length above 0/);
  });
});

describe('lowerPriority', () => {
  it('concerns the thread that calls it, not the process', async () => {
    const { Worker } = await import('node:worker_threads');
    const { getPriority } = await import('node:os');
    const before = getPriority();
    const addon = new URL('../../native/build/millrace.node', import.meta.url).pathname;
    const text = `require('node:worker_threads').parentPort.postMessage(
      require(${JSON.stringify(addon)}).lowerPriority(10))`;
    const worker = new Worker(text, { eval: true });
    const errno = await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    expect(errno).toBe(0);
    expect(getPriority()).toBe(before);
  });
});

describe('writeOut', () => {
  it('leaves what was written as it is, and says where there is nothing to write to', () => {
    const fd = openSync(join(directory, 'file'), 'w+');
    const bytes = Buffer.alloc(100_000, 'x');
    native.write(fd, bytes, 0, bytes.length, 0);
    expect(native.writeOut(fd, 0, 50_000)).toBe(0);
    expect(native.writeOut(fd, 50_000, 50_000)).toBe(0);
    closeSync(fd);
    expect(readFileSync(join(directory, 'file')).equals(bytes)).toBe(true);
    expect(native.writeOut(-1, 0, 10)).toBe(constants.errno.EBADF);
    expect(() => native.writeOut(0, -1, 10)).toThrow(/writeOut takes/);
  });
});

describe('maps', () => {
  it('shows what another map of the file wrote', () => {
    const fd = openSync(join(directory, 'file'), 'w+');
    expect(native.reserve(fd, 0, 8192)).toBe(0);
    expect(fstatSync(fd).size).toBe(8192);
    const window = native.openWindow(fd, 4096);
    const readable = native.mapReadOnly(fd, 8192);
    native.growWindow(window, fd, 8192);
    expect(native.populate(window, 0, 8192)).toBe(0);
    native.store(window, 5000, Buffer.from('__seen__'), 2, 4);
    expect(readable.toString('latin1', 5000, 5004)).toBe('seen');
    closeSync(fd);
    native.closeWindow(window);
    expect(readable[5000]).toBe('s'.charCodeAt(0));
    expect(native.unmap(readable)).toBe(true);
    expect(readable.length).toBe(0);
    expect(native.unmap(readable)).toBe(false);
    expect(native.unmap(Buffer.alloc(3))).toBe(false);
  });

  it('refuses stores outside a window and windows that are closed', () => {
    const fd = openSync(join(directory, 'file'), 'w+');
    native.reserve(fd, 0, 4096);
    const window = native.openWindow(fd, 4096);
    const bytes = Buffer.alloc(10);
    expect(() => native.store(window, 4090, bytes, 0, 7)).toThrow(/outside/);
    expect(() => native.store(window, 0, bytes, 4, 7)).toThrow(/outside/);
    expect(() => native.populate(window, 4000, 97)).toThrow(/inside/);
    expect(() => native.growWindow(window, fd, 4095)).toThrow(/length/);
    native.closeWindow(window);
    expect(() => native.store(window, 0, bytes, 0, 1)).toThrow(/window/);
    expect(() => native.closeWindow(window)).toThrow(/open window/);
    expect(() => native.openWindow(9999, 4096)).toThrow(/mmap/);
    closeSync(fd);
  });

  it('shows what was written to the file, from private and shared memory alike', () => {
    const fd = openSync(join(directory, 'file'), 'w+');
    native.reserve(fd, 0, 4096);
    const readable = native.mapReadOnly(fd, 4096);
    const shared = Buffer.from(new SharedArrayBuffer(8));
    shared.write('__both__');
    expect(native.write(fd, Buffer.from('for'), 0, 3, 10)).toBe(0);
    expect(native.write(fd, shared, 2, 4, 14)).toBe(0);
    expect(readable.toString('latin1', 10, 18)).toBe('for\0both');
    expect(() => native.write(fd, shared, 6, 3, 0)).toThrow(/outside/);
    closeSync(fd);
  });

  it.each([native, portableCalls])('writes several stretches behind one another', (calls) => {
    const fd = openSync(join(directory, 'file'), 'w+');
    const source = Buffer.from('..one..two...three');
    const parts = new Int32Array([2, 3, 13, 5, 7, 3, 0, 0]);
    expect(calls.writeParts(fd, source, parts, 3, 1)).toBe(0);
    expect(readFileSync(join(directory, 'file'), 'latin1')).toBe('\0onethreetwo');
    expect(calls.writeParts(9999, source, parts, 3, 1)).toBe(9);
    closeSync(fd);
  });

  it('refuses stretches that lie outside of the bytes, and too many', () => {
    const source = Buffer.from('bytes');
    const write = (parts: number[], count: number) => () =>
      native.writeParts(1, source, new Int32Array(parts), count, 0);
    expect(write([1, 5], 1)).toThrow(/outside/);
    expect(write([-1, 1], 1)).toThrow(/outside/);
    expect(write([0, 1], 2)).toThrow(/takes/);
    expect(write([], 0)).toThrow(/takes/);
    expect(write(new Array(130).fill(0), 65)).toThrow(/takes/);
  });

  it('reports a bad descriptor as an error', () => {
    expect(native.write(9999, Buffer.from('x'), 0, 1, 0)).toBe(9);
    expect(() => native.mapReadOnly(9999, 4096)).toThrow(/mmap/);
    expect(native.reserve(9999, 0, 4096)).not.toBe(0);
  });

  it('survives a worker thread that ends with live maps', async () => {
    const path = join(directory, 'file');
    const body = `const fd = require('node:fs').openSync(workerData, 'w+');
      native.reserve(fd, 0, 65536);
      globalThis.kept = native.mapReadOnly(fd, 65536);
      native.store(native.openWindow(fd, 65536), 100, Buffer.from('x'), 0, 1);
      if (kept[100] !== 120) throw new Error('not seen');`;
    await Promise.all([runWorker(body, `${path}1`), runWorker(body, `${path}2`)]);
  });
});

describe('a map whose file is cut', () => {
  function makeFile(bytes: number): { path: string; fd: number } {
    const path = join(directory, 'cut');
    writeFileSync(path, Buffer.alloc(bytes, 'x'));
    return { path, fd: openSync(path, 'r+') };
  }

  it('reads as zeros there, says so, and goes on with what is left', () => {
    const { path, fd } = makeFile(4 * 4096);
    const readable = native.mapReadOnly(fd, 4 * 4096);
    const other = native.mapReadOnly(fd, 4096);
    truncateSync(path, 4096);
    const before = native.mapFaults();
    expect(readable[0]).toBe(0x78);
    expect(native.isLost(readable)).toBe(false);
    expect(readable[5000]).toBe(0);
    expect(readable[3 * 4096]).toBe(0);
    expect(native.mapFaults()).toBe(before + 2);
    expect(native.isLost(readable)).toBe(true);
    expect(native.isLost(other)).toBe(false);
    expect(readable[0]).toBe(0x78);
    expect(native.unmap(readable)).toBe(true);
    expect(native.isLost(readable)).toBe(false);
    expect(native.isLost(Buffer.alloc(10))).toBe(false);
    closeSync(fd);
  });

  it('takes no stores, and no growth', () => {
    const { path, fd } = makeFile(2 * 4096);
    const window = native.openWindow(fd, 2 * 4096);
    const bytes = Buffer.from('stored');
    expect(native.store(window, 0, bytes, 0, 6)).toBe(0);
    truncateSync(path, 4096);
    expect(native.store(window, 8, bytes, 0, 6)).toBe(0);
    expect(native.store(window, 4096, bytes, 0, 6)).toBe(5);
    expect(native.store(window, 16, bytes, 0, 6)).toBe(5);
    expect(() => native.growWindow(window, fd, 3 * 4096)).toThrow(/growWindow/);
    native.closeWindow(window);
    expect(readFileSync(path).toString('latin1', 0, 14)).toBe('storedxxstored');
    closeSync(fd);
  });

  it('costs a worker thread no more', async () => {
    const { path } = makeFile(64 * 4096);
    const body = `const fs = require('node:fs');
      const fd = fs.openSync(workerData, 'r');
      const readable = native.mapReadOnly(fd, 64 * 4096);
      fs.truncateSync(workerData, 4096);
      if (native.crc32c(readable, 0, 64 * 4096) === 0) throw new Error('no checksum');
      if (!native.isLost(readable)) throw new Error('not seen');`;
    await Promise.all([runWorker(body, path), runWorker(body, path)]);
  });

  it('is no reason to live on when the signal is not for a map', () => {
    const body = `require(${JSON.stringify(ADDON)}); process.kill(process.pid, 'SIGBUS'); setTimeout(() => {}, 9e3);`;
    expect(spawnSync(process.execPath, ['-e', body]).signal).toBe('SIGBUS');
  });
});

describe('lockFile', () => {
  it('refuses a second descriptor until the first is closed', () => {
    const first = openSync(join(directory, 'lock'), 'w');
    const second = openSync(join(directory, 'lock'), 'w');
    expect(native.lockFile(first)).toBe(0);
    expect(native.lockFile(second)).not.toBe(0);
    closeSync(first);
    expect(native.lockFile(second)).toBe(0);
    closeSync(second);
  });
});

describe('bells', () => {
  it('wakes its own thread from workers and loses no last ring', async () => {
    const counters = new Int32Array(new SharedArrayBuffer(8));
    let seen = 0;
    let calls = 0;
    const handle = native.createBell(() => {
      calls++;
      seen = Atomics.load(counters, 0);
    });
    const body = `for (let i = 0; i < 20000; i++) {
        Atomics.add(workerData.counters, 0, 1);
        native.ringBell(workerData.handle);
      }`;
    const data = { handle, counters };
    await Promise.all([runWorker(body, data), runWorker(body, data), runWorker(body, data)]);
    for (let waited = 0; seen < 60_000 && waited < 5000; waited += 5) await sleep(5);
    expect(seen).toBe(60_000);
    expect(calls).toBeLessThanOrEqual(60_000);
    native.closeBell(handle);
    native.closeBell(handle);
    native.ringBell(handle);
  });

  it('stays silent once the thread that made it has ended', async () => {
    const handle = new Int32Array(new SharedArrayBuffer(4));
    await runWorker('workerData[0] = native.createBell(() => {});', handle);
    native.ringBell(handle[0]!);
    expect(() => native.ringBell(-1)).toThrow(/handle/);
    expect(() => native.createBell(5 as unknown as () => void)).toThrow(/function/);
  });
});
