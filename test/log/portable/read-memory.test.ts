import { expect, it } from 'vitest';
import {
  giveBackReadMemory,
  readBytesMax,
  takeReadMemory,
} from '../../../src/log/portable/read-memory.ts';

const KB = 1024;
const MB = KB * KB;

it('hands out again what was given back, to reads of the same size only', () => {
  const first = takeReadMemory(1_000_000);
  expect(first.length).toBe(1_000_000);
  giveBackReadMemory(first);
  expect(takeReadMemory(MB + 1).buffer).not.toBe(first.buffer);
  const second = takeReadMemory(600 * KB);
  expect(second.buffer).toBe(first.buffer);
  expect(second.length).toBe(600 * KB);
  expect(takeReadMemory(600 * KB).buffer).not.toBe(first.buffer);
});

it('takes each read back once, whichever part of it comes back', () => {
  const read = takeReadMemory(100 * KB);
  giveBackReadMemory(read.subarray(10, 20));
  giveBackReadMemory(read);
  expect(takeReadMemory(100 * KB).buffer).toBe(read.buffer);
  expect(takeReadMemory(100 * KB).buffer).not.toBe(read.buffer);
});

it('leaves alone what it did not hand out, and reads that are too short or too long', () => {
  for (const bytes of [Buffer.alloc(64 * KB), takeReadMemory(10), takeReadMemory(5 * MB)]) {
    giveBackReadMemory(bytes);
    expect(takeReadMemory(bytes.length).buffer === bytes.buffer).toBe(bytes.length === 10);
  }
});

it('fits each length at the edges of its sizes', () => {
  for (let size = 64 * KB; size < 4 * MB; size *= 2) {
    for (const length of [size - 1, size, size + 1]) {
      const read = takeReadMemory(length);
      expect(read.length).toBe(length);
      giveBackReadMemory(read);
    }
  }
  expect(takeReadMemory(4 * MB).length).toBe(4 * MB);
});

it('keeps no more than its bound, and cuts reads where much is held', () => {
  const reads = Array.from({ length: 20 }, () => takeReadMemory(4 * MB));
  expect(readBytesMax()).toBe(64 * KB);
  const known = new Set(reads.map((read) => read.buffer));
  for (const read of reads) giveBackReadMemory(read);
  const again = Array.from({ length: 20 }, () => takeReadMemory(4 * MB));
  expect(again.filter((read) => known.has(read.buffer)).length).toBeLessThanOrEqual(2);
});
