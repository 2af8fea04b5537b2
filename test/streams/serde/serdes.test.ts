import { describe, expect, it } from 'vitest';
import { json, text } from '../../../src/client/serde/serdes.ts';
import { changed } from '../../../src/streams/serde/changed.ts';
import { float32, float64, int16, int32, int64 } from '../../../src/streams/serde/numbers.ts';
import { sessionWindowed, timeWindowed } from '../../../src/streams/serde/windowed.ts';
import type { Change } from '../../../src/streams/topology/change.ts';

const TOPIC = 'topic';

function hex(encoded: string | Uint8Array | null): string | null {
  return encoded === null ? null : Buffer.from(encoded as Uint8Array).toString('hex');
}

describe('numbers', () => {
  it.each([
    ['int16', int16, -2, 'fffe'],
    ['int32', int32, 2 ** 31 - 1, '7fffffff'],
    ['int64', int64, 2 ** 40 + 1, '0000010000000001'],
    ['int64', int64, -1, 'ffffffffffffffff'],
    ['int64', int64, Number.MIN_SAFE_INTEGER, 'ffe0000000000001'],
    ['float32', float32, 0.5, '3f000000'],
    ['float64', float64, -1.5, 'bff8000000000000'],
  ])('%s has the bytes of Java', (_name, serde, value, expected) => {
    expect(hex(serde.serialize(value, TOPIC))).toBe(expected);
    const bytes = Buffer.from(`00${expected}00`, 'hex').subarray(1, -1);
    expect(serde.deserialize(bytes, TOPIC)).toBe(value);
    expect(serde.serialize(null as unknown as number, TOPIC)).toBeNull();
  });

  it('refuses what does not fit', () => {
    const code = expect.objectContaining({ code: 'SERIALIZATION' });
    expect(() => int32.serialize(2 ** 31, TOPIC)).toThrow(code);
    expect(() => int32.serialize(0.5, TOPIC)).toThrow(code);
    expect(() => int64.serialize(2 ** 53, TOPIC)).toThrow(code);
    expect(() => float64.serialize('1' as unknown as number, TOPIC)).toThrow(code);
    expect(() => int64.deserialize(Buffer.from('7fffffffffffffff', 'hex'), TOPIC)).toThrow(code);
    expect(() => int64.deserialize(Buffer.alloc(4), TOPIC)).toThrow(code);
  });
});

describe('windowed keys', () => {
  it('of time windows are key and start', () => {
    const serde = timeWindowed(text, 10);
    const windowed = { key: 'a', window: { start: 256, end: 266 } };
    const encoded = serde.serialize(windowed, TOPIC) as Buffer;
    expect(hex(encoded)).toBe('610000000000000100');
    expect(serde.deserialize(encoded, TOPIC)).toEqual(windowed);
  });

  it('of session windows are key, end and start', () => {
    const serde = sessionWindowed(text);
    const windowed = { key: 'a', window: { start: 1, end: 256 } };
    const encoded = serde.serialize(windowed, TOPIC) as Buffer;
    expect(hex(encoded)).toBe('6100000000000001000000000000000001');
    expect(serde.deserialize(encoded, TOPIC)).toEqual(windowed);
  });

  it('that are too short are refused', () => {
    const code = expect.objectContaining({ code: 'SERIALIZATION' });
    expect(() => timeWindowed(text, 1).deserialize(Buffer.alloc(7), TOPIC)).toThrow(code);
    expect(() => sessionWindowed(text).deserialize(Buffer.alloc(15), TOPIC)).toThrow(code);
    const none = { key: null as unknown as string, window: { start: 0, end: 1 } };
    expect(() => sessionWindowed(text).serialize(none, TOPIC)).toThrow(code);
  });
});

describe('changes', () => {
  const serde = changed(text);
  const make = (newValue: string | null, oldValue: string | null): Change<string> => {
    return { newValue, oldValue, isLatest: true };
  };

  it.each([
    [make(null, 'old'), '6f6c6400'],
    [make('new', null), '6e657701'],
    [make('new', 'old'), '066e65776f6c6402'],
    [make('', ''), '0002'],
  ])('%j has the bytes of Kafka', (change, expected) => {
    const encoded = serde.serialize(change, TOPIC) as Buffer;
    expect(hex(encoded)).toBe(expected);
    expect(serde.deserialize(encoded, TOPIC)).toEqual(change);
  });

  it('read the forms that say whether they are the latest', () => {
    const read = (bytes: string) => serde.deserialize(Buffer.from(bytes, 'hex'), TOPIC);
    expect(read('6f6c640003')).toEqual({ newValue: null, oldValue: 'old', isLatest: false });
    expect(read('6e65770104')).toEqual({ newValue: 'new', oldValue: null, isLatest: true });
    expect(read('066e65776f6c640005')).toEqual({
      newValue: 'new',
      oldValue: 'old',
      isLatest: false,
    });
  });

  it('refuse what says nothing, and bytes of another kind', () => {
    const code = expect.objectContaining({ code: 'SERIALIZATION' });
    expect(() => serde.serialize(make(null, null), TOPIC)).toThrow(code);
    expect(() => serde.deserialize(Buffer.of(9), TOPIC)).toThrow(code);
    expect(() => serde.deserialize(Buffer.alloc(0), TOPIC)).toThrow(code);
    expect(() => serde.deserialize(Buffer.from('ff0102', 'hex'), TOPIC)).toThrow(code);
  });

  it('hold values of any serde', () => {
    const change = { newValue: { a: 1 }, oldValue: { a: 2 }, isLatest: true };
    const objects = changed(json<{ a: number }>());
    const encoded = objects.serialize(change, TOPIC) as Buffer;
    expect(objects.deserialize(encoded, TOPIC)).toEqual(change);
  });
});
