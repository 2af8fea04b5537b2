import { describe, expect, it } from 'vitest';
import { createPublishedMemory, PublishedWords } from '../../src/ring/published-words.ts';

describe('published words', () => {
  it('keep offsets beyond 32 bits, slot by slot', () => {
    const memory = createPublishedMemory(4);
    const writer = new PublishedWords(memory);
    const reader = new PublishedWords(memory);
    writer.publish(0, 1, 2, 3);
    writer.publish(3, 2 ** 31 + 7, 2 ** 40 + 1, Number.MAX_SAFE_INTEGER);
    reader.read(3);
    expect([reader.logStart, reader.highWatermark, reader.logEnd]).toEqual([
      2 ** 31 + 7,
      2 ** 40 + 1,
      Number.MAX_SAFE_INTEGER,
    ]);
    reader.read(0);
    expect([reader.logStart, reader.highWatermark, reader.logEnd]).toEqual([1, 2, 3]);
    expect(reader.slotCount).toBe(4);
  });
});
