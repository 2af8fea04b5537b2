import { expect, it } from 'vitest';
import { READ_BYTES_MAX, TurnMemory } from '../../src/base/turn-memory.ts';

it('reads over what nobody holds, and behind what somebody holds', () => {
  const memory = new TurnMemory();
  expect(memory.tookRead(100)).toBe(0);
  expect(memory.tookRead(100)).toBe(0);
  expect(memory.hold()).toBe(true);
  expect(memory.tookRead(50)).toBe(128);
  expect(memory.tookRead(70)).toBe(128);
  memory.hold();
  expect(memory.tookRead(1)).toBe(256);
  memory.letGo();
  expect(memory.tookRead(1)).toBe(0);
});

it('says when the next read would find too little room', () => {
  const memory = new TurnMemory();
  let reads = 0;
  do {
    memory.tookRead(READ_BYTES_MAX);
    reads++;
  } while (memory.hold());
  expect(memory.next[0]).toBeLessThanOrEqual(memory.bytes.length);
  expect(reads).toBe(memory.bytes.length / READ_BYTES_MAX);
});

it('knows its own bytes', () => {
  const memory = new TurnMemory();
  expect(memory.has(memory.bytes.subarray(5, 9))).toBe(true);
  expect(memory.has(Buffer.alloc(4))).toBe(false);
});
