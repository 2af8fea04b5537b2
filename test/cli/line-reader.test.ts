import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../src/cli/line-reader.ts';

async function linesOf(...chunks: string[]): Promise<string[][]> {
  const found: string[][] = [];
  for await (const lines of readLines(Readable.from(chunks.map((text) => Buffer.from(text))))) {
    found.push(lines.map(String));
  }
  return found;
}

describe('readLines', () => {
  it('gives the lines of a chunk together', async () => {
    expect(await linesOf('a\nb\n', 'c\n')).toEqual([['a', 'b'], ['c']]);
  });

  it('joins a line over chunks and keeps the last one without a newline', async () => {
    expect(await linesOf('a', 'b', 'c\nd', 'e')).toEqual([['abc'], ['de']]);
  });

  it('keeps empty lines and drops carriage returns', async () => {
    expect(await linesOf('\n\r\nx\r\n')).toEqual([['', '', 'x']]);
  });
});
