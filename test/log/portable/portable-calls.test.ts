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
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { native as loaded, portableReason } from '../../../src/log/native.ts';
import { portableCalls as calls } from '../../../src/log/portable/portable-calls.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { setBaseOffset } from '../../../src/records/batch-layout.ts';
import { Random } from '../../records/random.ts';

const { EBADF, EFAULT } = constants.errno;

let directory = '';
let path = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-portable-'));
  path = join(directory, 'file');
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('files', () => {
  it('become as long as is reserved, and never shorter', () => {
    const fd = openSync(path, 'w+');
    expect(calls.reserve(fd, 4096, 4096)).toBe(0);
    expect(calls.reserve(fd, 0, 4096)).toBe(0);
    expect(fstatSync(fd).size).toBe(8192);
    closeSync(fd);
    expect(calls.reserve(fd, 0, 16_384)).toBe(EBADF);
  });

  it('are written from private and from shared memory', () => {
    const fd = openSync(path, 'w+');
    const shared = Buffer.from(new SharedArrayBuffer(8));
    shared.write('__both__');
    expect(calls.write(fd, Buffer.from('for'), 0, 3, 0)).toBe(0);
    expect(calls.write(fd, shared, 2, 4, 3)).toBe(0);
    closeSync(fd);
    expect(readFileSync(path, 'latin1')).toBe('forboth');
    expect(calls.write(fd, shared, 0, 8, 0)).toBe(EBADF);
  });

  it('are read as a whole, and lost where they are shorter than they should be', () => {
    writeFileSync(path, Buffer.alloc(1000, 'x'));
    const fd = openSync(path, 'r');
    const whole = calls.mapReadOnly(fd, 1000);
    expect(whole.equals(Buffer.alloc(1000, 'x'))).toBe(true);
    expect(calls.isLost(whole)).toBe(false);
    const longer = calls.mapReadOnly(fd, 1200);
    expect(longer.length).toBe(1200);
    expect(calls.isLost(longer)).toBe(true);
    closeSync(fd);
  });
});

describe('windows', () => {
  it('store into their file, and populate leaves what is there', () => {
    const bytes = new Random(5).bytes(200_000);
    writeFileSync(path, bytes);
    const fd = openSync(path, 'r+');
    const window = calls.openWindow(fd, bytes.length);
    expect(calls.populate(window, 1000, 150_000)).toBe(0);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    calls.growWindow(window, fd, 300_000);
    expect(calls.store(window, 100, Buffer.from('__seen__'), 2, 4)).toBe(0);
    expect(readFileSync(path).toString('latin1', 100, 104)).toBe('seen');
    calls.closeWindow(window);
    closeSync(fd);
  });

  it('say of a file that was cut that it has no block there', () => {
    writeFileSync(path, Buffer.alloc(8192));
    const fd = openSync(path, 'r+');
    const window = calls.openWindow(fd, 8192);
    truncateSync(path, 4096);
    expect(calls.populate(window, 4096, 4096)).toBe(EFAULT);
    calls.closeWindow(window);
    closeSync(fd);
  });
});

describe('copy', () => {
  it('copies between shared and private memory, and leaves neither buffer', () => {
    const shared = Buffer.from(new SharedArrayBuffer(64));
    shared.write('hello', 10);
    const target = Buffer.alloc(16);
    calls.copy(shared, 10, target, 3, 5);
    expect(target.toString('latin1', 3, 8)).toBe('hello');
    expect(() => calls.copy(target, 12, shared, 0, 5)).toThrow(RangeError);
    expect(() => calls.copy(shared, 0, target, 12, 5)).toThrow(RangeError);
  });
});

describe('walks over batches', () => {
  /** Batches with offsets from 0 on, every fifth by an idempotent producer. */
  function batches(random: Random, count: number): Buffer {
    const all: Buffer[] = [];
    let offset = 0;
    for (let i = 0; i < count; i++) {
      const records = Array.from({ length: 1 + random.below(5) }, () => ({
        value: random.bytes(random.below(100)),
        timestamp: random.below(2 ** 31),
      }));
      const producer = { producerId: 7, producerEpoch: 0, baseSequence: i };
      const batch = buildBatch(records, i % 5 === 4 ? producer : {});
      setBaseOffset(batch, 0, offset);
      offset += records.length;
      all.push(batch);
    }
    return Buffer.concat(all);
  }

  it('go over sound batches and stop before the damaged one', () => {
    const bytes = batches(new Random(3), 20);
    const found = new Float64Array(3);
    expect(calls.scanBatches(bytes, 0, bytes.length, 0, bytes.length, found)).toBe(bytes.length);
    const [nextOffset] = found;
    expect(nextOffset).toBeGreaterThan(20);
    bytes[bytes.length - 1]! ^= 1;
    const end = calls.scanBatches(bytes, 0, bytes.length, 0, bytes.length, found);
    expect(end).toBeLessThan(bytes.length);
    expect(found[0]).toBeLessThan(nextOffset!);
  });

  it.skipIf(portableReason !== '')('judge as the addon does', () => {
    const random = new Random(9);
    for (let round = 0; round < 300; round++) {
      const bytes = batches(random, 1 + random.below(12));
      if (random.below(2) === 0) bytes[random.below(bytes.length)] = random.below(256);
      const end = random.below(3) === 0 ? random.below(bytes.length) : bytes.length;
      const budget = random.below(bytes.length);
      const ours = new Float64Array(3);
      const theirs = new Float64Array(3);
      const at = calls.scanBatches(bytes, 0, end, 0, budget, ours);
      expect(at).toBe(loaded.scanBatches(bytes, 0, end, 0, budget, theirs));
      expect(ours).toEqual(theirs);
      expect(calls.skipPlainBatches(bytes, 0, end)).toBe(loaded.skipPlainBatches(bytes, 0, end));
    }
  });
});
