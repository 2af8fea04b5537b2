import { describe, expect, it } from 'vitest';
import { parseProperties } from '../../src/broker/config-properties.ts';

const parse = (text: string) => Object.fromEntries(parseProperties(text, 'server.properties'));

describe('parseProperties', () => {
  it('reads all three separators and trims around them', () => {
    expect(parse('a=1\nb: 2\nc 3\nd = 4 \ne\n')).toEqual({ a: '1', b: '2', c: '3', d: '4', e: '' });
  });

  it('skips blank lines and comments of both kinds', () => {
    expect(parse('# a=1\n\n  ! b=2\n   \nc=3#not a comment')).toEqual({ c: '3#not a comment' });
  });

  it('joins a line that ends in a backslash with the next', () => {
    expect(parse('listeners=PLAINTEXT://:9092,\\\n    X://:9093\nb=2')).toEqual({
      listeners: 'PLAINTEXT://:9092,X://:9093',
      b: '2',
    });
  });

  it('does not join after an escaped backslash', () => {
    expect(parse('a=C:\\\\\nb=2')).toEqual({ a: 'C:\\', b: '2' });
  });

  it('reads escapes in names and values', () => {
    expect(parse('a\\ b\\=c=\\u0041\\tx\\:y')).toEqual({ 'a b=c': 'A\tx:y' });
  });

  it('lets the last of two equal names win and reads every kind of line end', () => {
    expect(parse('\uFEFFa=1\r\na=2\rb=3')).toEqual({ a: '2', b: '3' });
  });

  it('names file and line of what it cannot read', () => {
    expect(() => parse('a=1\n=2')).toThrow('server.properties line 2: expected name=value');
    expect(() => parse('a=\\u12')).toThrow('server.properties line 1: \\u needs four');
  });
});
