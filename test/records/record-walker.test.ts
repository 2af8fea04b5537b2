import { describe, expect, it } from 'vitest';
import { buildBatch, type RecordInput } from '../../src/records/batch-builder.ts';
import { BATCH_HEADER_SIZE, setRecordCount } from '../../src/records/batch-layout.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { checkRecords, walkRecords } from '../../src/records/record-walker.ts';
import { Random } from './random.ts';

const headers = [
  { key: 'trace', value: Buffer.from('abc') },
  { key: '', value: null },
];

function check(batch: Buffer, keysRequired = false): boolean {
  return checkRecords(batch, 0, batch.length, keysRequired);
}

describe('checkRecords', () => {
  it('accepts records of every shape', () => {
    const random = new Random(3);
    const records: RecordInput[] = [{}, { key: Buffer.alloc(0), value: Buffer.alloc(0), headers }];
    for (let at = 0; at < 300; at++) {
      records.push({
        key: at % 3 === 0 ? null : random.bytes(random.below(200)),
        value: at % 5 === 0 ? null : random.bytes(random.below(at === 7 ? 70_000 : 300)),
        headers: at % 4 === 0 ? headers : [],
        timestamp: random.below(2 ** 31) * (at % 2 === 0 ? 1 : 1000),
      });
    }
    expect(check(buildBatch(records))).toBe(true);
  });

  it('wants keys where the topic is compacted', () => {
    const keyed = { key: Buffer.from('k'), value: null };
    expect(check(buildBatch([keyed, keyed]), true)).toBe(true);
    expect(check(buildBatch([keyed, { value: Buffer.from('v') }]), true)).toBe(false);
  });

  it.each([3, 20])('wants the times of all of %i records within the bounds', (count) => {
    const timesWith = (odd: number) =>
      buildBatch(
        Array.from({ length: count }, (_, at) => ({
          value: null,
          timestamp: at === 1 ? odd : 1000 + at,
        })),
      );
    const isWithin = (batch: Buffer) => checkRecords(batch, 0, batch.length, false, 900, 1100);
    for (const time of [900, 1000, 1100]) expect(isWithin(timesWith(time))).toBe(true);
    for (const time of [0, 899, 1101, 2 ** 40]) expect(isWithin(timesWith(time))).toBe(false);
  });

  it('passes compressed batches unopened', () => {
    const batch = buildBatch([{ value: Buffer.alloc(100) }], { codec: CODEC.GZIP });
    batch.fill(0xff, BATCH_HEADER_SIZE);
    expect(check(batch)).toBe(true);
  });

  it('refuses records cut off at any byte', () => {
    const batch = buildBatch([
      { key: Buffer.from('key'), value: Buffer.alloc(200), headers, timestamp: 5 },
      { value: Buffer.from('v'), timestamp: 900_000 },
    ]);
    for (let end = BATCH_HEADER_SIZE; end < batch.length; end++) {
      expect(checkRecords(batch, 0, end, false)).toBe(false);
    }
    expect(check(Buffer.concat([batch, Buffer.alloc(1)]))).toBe(false);
  });

  it('refuses a count that is too small or too large', () => {
    const batch = buildBatch([{ value: null }, { value: null }]);
    for (const count of [0, 1, 3, 2 ** 31 - 1]) {
      setRecordCount(batch, 0, count);
      expect(check(batch)).toBe(false);
    }
  });

  const good = [0x0c, 0, 0, 0, 1, 1, 0];
  it.each<[string, number[]]>([
    ['an offset delta that skips', [0x0c, 0, 0, 2, 1, 1, 0]],
    ['a record that is longer than its fields', [0x0e, 0, 0, 0, 1, 1, 0, 0]],
    ['a record that is shorter than its fields', [0x0a, 0, 0, 0, 1, 1, 0]],
    ['a negative record length', [0x01]],
    ['a record length past the batch', [0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a varint of six bytes', [0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a key length of -2', [0x0c, 0, 0, 0, 3, 1, 0]],
    ['a key that ends outside', [0x0c, 0, 0, 0, 0x7e, 1, 0]],
    ['a negative header count', [0x0c, 0, 0, 0, 1, 1, 1]],
    ['two billion headers', [0x14, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]],
    ['a header without a key', [0x10, 0, 0, 0, 1, 1, 2, 1, 1]],
    ['a timestamp delta without an end', [0x14, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255]],
    ['no bytes at all', []],
  ])('refuses %s', (_what, bytes) => {
    expect(walkRecords(Buffer.from(good), 0, good.length, 1, false)).toBe(true);
    expect(walkRecords(Buffer.from(bytes), 0, bytes.length, 1, false)).toBe(false);
  });

  it('survives any bytes', () => {
    const random = new Random(11);
    for (let round = 0; round < 20_000; round++) {
      const bytes = random.bytes(random.below(40));
      walkRecords(bytes, 0, bytes.length, 1 + random.below(5), round % 2 === 0);
    }
  });
});
