import { expect, test } from 'vitest';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { HeaderCursor } from '../../src/records/header-cursor.ts';
import { RecordCursor } from '../../src/records/record-iterator.ts';

function recordWith(headers: { key: string; value: Buffer | null }[]): RecordCursor {
  const record = new RecordCursor();
  record.open(buildBatch([{ value: Buffer.from('v'), headers }, { value: null }]), 0);
  record.next();
  return record;
}

test('it steps through all headers and ends where the record does', () => {
  const headers = [
    { key: 'a', value: Buffer.from('1') },
    { key: '', value: null },
    { key: 'ä', value: Buffer.alloc(0) },
  ];
  const record = recordWith(headers);
  const cursor = new HeaderCursor();
  cursor.open(record);
  const found: unknown[] = [];
  while (cursor.next()) {
    const { bytes, keyStart, keyEnd, valueStart, valueEnd } = cursor;
    const value = valueStart < 0 ? null : bytes.toString('utf8', valueStart, valueEnd);
    found.push([bytes.toString('utf8', keyStart, keyEnd), value]);
  }
  expect(found).toEqual([
    ['a', '1'],
    ['', null],
    ['ä', ''],
  ]);
  expect(record.headers().map(({ key }) => key)).toEqual(['a', '', 'ä']);
});

test('a header without a key, lengths that do not fit and bytes that are left are malformed', () => {
  const sound = recordWith([{ key: 'k', value: Buffer.from('v') }]);
  const at = sound.headersStart;
  const damage = (place: number, byte: number): (() => void) => {
    const { bytes } = sound;
    const before = bytes[place]!;
    return () => {
      bytes[place] = byte;
      const cursor = new HeaderCursor();
      cursor.open(sound);
      try {
        while (cursor.next());
      } finally {
        bytes[place] = before;
      }
    };
  };
  expect(damage(at, 2)).not.toThrow();
  expect(damage(at, 1)).toThrow('a header has no key');
  expect(damage(at, 20)).toThrow('a length does not fit into it');
  expect(damage(at + 2, 20)).toThrow('a length does not fit into it');
  expect(damage(at + 2, 0)).toThrow('bytes are left after its headers');
});
