import { afterEach, describe, expect, it, vi } from 'vitest';
import { JsonBytes } from '../../../src/gateway/stream/json-bytes.ts';
import { BUILT_BYTES_MAX } from '../../../src/gateway/stream/json-conditions.ts';
import { writeRecord } from '../../../src/gateway/stream/record-json.ts';
import { buildBatch, type RecordInput } from '../../../src/records/batch-builder.ts';
import { RecordCursor } from '../../../src/records/record-iterator.ts';

const FIELDS = { keys: 'text', headers: true, times: false, partition: false } as const;

afterEach(() => {
  vi.restoreAllMocks();
});

function written(record: RecordInput, values: 'json' | 'text' = 'json'): string {
  const cursor = new RecordCursor();
  cursor.open(buildBatch([record]), 0);
  cursor.next();
  const out = new JsonBytes(1024);
  writeRecord(out, cursor, 0, { ...FIELDS, values });
  return out.take(true).toString();
}

function valueWritten(text: string | Buffer): string {
  return written({ value: Buffer.from(text) });
}

describe('a value as JSON', () => {
  it('is written as it was stored, long or short', () => {
    for (const blanks of [0, BUILT_BYTES_MAX]) {
      const text = `{"a": 1.0, "a":${' '.repeat(blanks)}[12345678901234567890]}`;
      expect(valueWritten(text)).toBe(`{"offset":0,"value":${text}}`);
    }
  });

  it('loses its line breaks, and nothing else', () => {
    for (const count of [1, BUILT_BYTES_MAX]) {
      const lines = '\n\t'.repeat(count);
      const text = `{ "a b\\n\\"":${lines}[1.0 , "\\\\" ],${lines}"c" : " "}`;
      const line = '{"a b\\n\\"":[1.0,"\\\\"],"c":" "}';
      expect(valueWritten(text)).toBe(`{"offset":0,"value":${line}}`);
    }
  });

  it('is base64 where it is none, long or short', () => {
    for (const text of ['{"a":1', `[${' '.repeat(BUILT_BYTES_MAX)}1,]`]) {
      const base64 = Buffer.from(text).toString('base64');
      expect(valueWritten(text)).toBe(`{"offset":0,"value64":"${base64}"}`);
    }
    const bytes = Buffer.alloc(BUILT_BYTES_MAX + 2, 0xff);
    bytes[0] = 0x22;
    bytes[bytes.length - 1] = 0x22;
    expect(valueWritten(bytes)).toContain('"value64":');
  });

  it('may be as deep as it likes', () => {
    const text = `${'[\n'.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(valueWritten(text).length).toBe(20 + 200_000 + 1);
  });

  it('is not built where it is long', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const stringify = vi.spyOn(JSON, 'stringify');
    valueWritten(`[\n${'{"a":1},'.repeat(10_000)}1]`);
    expect(parse).not.toHaveBeenCalled();
    expect(stringify).not.toHaveBeenCalled();
  });
});

describe('headers as JSON', () => {
  it('are pairs, with null for no value and base64 in the third place', () => {
    const headers = [
      { key: 'k"\n', value: Buffer.from('ä\u0001') },
      { key: '', value: null },
      { key: 'odd', value: Buffer.from([0xff]) },
      { key: 'empty', value: Buffer.alloc(0) },
    ];
    expect(JSON.parse(written({ value: null, headers })).headers).toEqual([
      ['k"\n', 'ä\u0001'],
      ['', null],
      ['odd', null, '/w=='],
      ['empty', ''],
    ]);
  });
});
