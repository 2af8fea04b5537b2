import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { splitStream } from '../../src/cli/split-stream.ts';

async function linesOf(...chunks: string[]): Promise<string[][]> {
  const found: string[][] = [];
  for await (const lines of splitStream(Readable.from(chunks.map((text) => Buffer.from(text))))) {
    found.push(lines.map(String));
  }
  return found;
}

describe('splitStream', () => {
  it('gives the lines of a chunk together', async () => {
    expect(await linesOf('a\nb\n', 'c\n')).toEqual([['a', 'b'], ['c']]);
  });

  it('joins a line over chunks and keeps the last one without a newline', async () => {
    expect(await linesOf('a', 'b', 'c\nd', 'e')).toEqual([['abc'], ['de']]);
  });

  it('keeps empty lines and drops carriage returns', async () => {
    expect(await linesOf('\n\r\nx\r\n')).toEqual([['', '', 'x']]);
  });

  it('finds a delimiter of many bytes that lies across chunks', async () => {
    const options = { delimiter: Buffer.from('<->'), dropsReturn: false };
    for (let cut = 1; cut < 14; cut++) {
      const text = 'a\r<->b<-><->c<';
      const chunks = [text.slice(0, cut), text.slice(cut)].map((each) => Buffer.from(each));
      const found: string[] = [];
      for await (const pieces of splitStream(Readable.from(chunks), options)) {
        found.push(...pieces.map(String));
      }
      expect(found).toEqual(['a\r', 'b', '', 'c<']);
    }
  });
});
