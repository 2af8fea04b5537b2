import { afterEach, expect, test, vi } from 'vitest';
import { heapMemory, MappedMemory } from '../../../src/front/net/frame-memory.ts';

const MB = 1024 * 1024;

/** The system's memory, with what is out on loan. */
function system() {
  const lent = new Set<Buffer>();
  return {
    lent,
    mapMemory(length: number): Buffer {
      const room = Buffer.alloc(length);
      lent.add(room);
      return room;
    },
    unmap: (room: Buffer) => lent.delete(room),
  };
}

afterEach(() => {
  vi.useRealTimers();
});

test('small frames are left to the collector', () => {
  const mapping = system();
  const memory = new MappedMemory(mapping);
  memory.giveBack(memory.take(MB / 8));
  expect(mapping.lent.size).toBe(0);
  expect(heapMemory.take(MB).length).toBe(MB);
});

test('the room of a large frame serves the next one that fits, and goes when none comes', () => {
  vi.useFakeTimers();
  const mapping = system();
  const memory = new MappedMemory(mapping);
  const room = memory.take(20 * MB);
  memory.giveBack(room);
  expect(memory.take(10 * MB) === room).toBe(true);
  expect(memory.take(10 * MB) === room).toBe(false);
  memory.giveBack(room);
  const larger = memory.take(30 * MB);
  expect(larger === room).toBe(false);
  expect(mapping.lent.size).toBe(3);
  memory.giveBack(larger);
  vi.advanceTimersByTime(5000);
  expect(mapping.lent.size).toBe(1);
});

test('few rooms are kept, however many frames there were at once', () => {
  vi.useFakeTimers();
  const mapping = system();
  const memory = new MappedMemory(mapping);
  const rooms = Array.from({ length: 10 }, () => memory.take(5 * MB));
  for (const room of rooms) memory.giveBack(room);
  expect(mapping.lent.size).toBe(4);
  vi.advanceTimersByTime(5000);
  expect(mapping.lent.size).toBe(0);
});
