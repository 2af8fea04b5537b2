import { describe, expect, it } from 'vitest';
import { Fields } from '../../../src/gateway/command/fields.ts';
import { parseFilter } from '../../../src/gateway/stream/record-filter.ts';
import { buildBatch, type RecordInput } from '../../../src/records/batch-builder.ts';
import { RecordCursor } from '../../../src/records/record-iterator.ts';

function matches(filter: Record<string, unknown>, record: RecordInput): boolean {
  const cursor = new RecordCursor();
  cursor.open(buildBatch([record]), 0);
  cursor.next();
  return parseFilter(new Fields(filter, 'filter.'))!.matches(cursor);
}

const value = (json: unknown): RecordInput => ({ value: Buffer.from(JSON.stringify(json)) });

describe('a filter', () => {
  it('by key compares all bytes', () => {
    expect(matches({ key: 'äb' }, { key: Buffer.from('äb') })).toBe(true);
    expect(matches({ key: 'a' }, { key: Buffer.from('ab') })).toBe(false);
    expect(matches({ key: '' }, { key: null })).toBe(false);
    expect(matches({ key: '' }, { key: Buffer.alloc(0) })).toBe(true);
  });

  it('by header finds one of several of the same name', () => {
    const headers = [
      { key: 'h', value: Buffer.from('1') },
      { key: 'h', value: null },
      { key: 'h', value: Buffer.from('2') },
    ];
    expect(matches({ header: ['h', '2'] }, { headers })).toBe(true);
    expect(matches({ header: ['h', '3'] }, { headers })).toBe(false);
    expect(matches({ header: ['g', '1'] }, { headers })).toBe(false);
  });

  it('by path steps into objects and lists and compares deeply', () => {
    const record = value({ a: [{ b: null }, { b: { c: [1] } }], __proto__: 1 });
    const cases: [string, unknown, boolean][] = [
      ['$.a[1].b.c[0]', 1, true],
      ['$.a[1].b', { c: [1] }, true],
      ['$.a[0].b', null, true],
      ['$.a[9].b', null, false],
      ['$.a.length', 2, false],
      ['$.constructor', null, false],
      ['$', { a: 1 }, false],
    ];
    for (const [path, equals, expected] of cases) {
      expect([path, matches({ path, equals }, record)]).toEqual([path, expected]);
    }
    expect(matches({ path: '$.a', equals: 1 }, { value: Buffer.from('no JSON') })).toBe(false);
    expect(matches({ path: '$.a', equals: 1 }, { value: null })).toBe(false);
  });

  it('is the same filter when it is written alike', () => {
    const parse = (filter: Record<string, unknown>) => parseFilter(new Fields(filter, 'f.'))!.key;
    const all = [{ key: 'a' }, { path: '$.x', equals: 1 }];
    expect(parse({ all })).toBe(parse({ all: [...all] }));
    expect(parse({ key: 'a' })).not.toBe(parse({ key: 'b' }));
  });
});
