import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/base/errors.ts';
import { buildBatch, type RecordInput, sealBatch } from '../../src/records/batch-builder.ts';
import * as layout from '../../src/records/batch-layout.ts';
import { hasValidCrc } from '../../src/records/batch-validator.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { buildEndMarker } from '../../src/records/control-record.ts';
import { decodeRecords, RecordCursor } from '../../src/records/record-iterator.ts';
import * as fixtures from './fixtures.ts';
import { Random } from './random.ts';

function randomRecords(random: Random, count: number): RecordInput[] {
  return Array.from({ length: count }, () => ({
    key: random.below(3) === 0 ? null : random.text(random.below(40)),
    value: random.below(5) === 0 ? null : random.text(random.below(400)),
    timestamp: 1_700_000_000_000 + random.below(100_000) - 50_000,
    headers: Array.from({ length: random.below(3) }, (_, at) => ({
      key: `größe ${at}`,
      value: random.below(2) === 0 ? null : random.bytes(random.below(9)),
    })),
  }));
}

/** Opens a batch whose record section is exactly these bytes. */
function cursorOver(count: number, bytes: number[]): RecordCursor {
  const batch = Buffer.concat([
    buildBatch([{}]).subarray(0, layout.BATCH_HEADER_SIZE),
    Buffer.from(bytes),
  ]);
  layout.setRecordCount(batch, 0, count);
  sealBatch(batch);
  const cursor = new RecordCursor();
  cursor.open(batch, 0);
  return cursor;
}

describe('decodeRecords', () => {
  it.each(Object.entries(CODEC))('gives back what was built with codec %s', (_name, codec) => {
    const random = new Random(codec + 20);
    for (const count of [1, 2, 17, 300]) {
      const records = randomRecords(random, count);
      const batch = buildBatch(records, { codec, baseOffset: 2 ** 33 });
      expect(hasValidCrc(batch, 0, batch.length)).toBe(true);
      expect(decodeRecords(batch)).toEqual(
        records.map((record, at) => ({ ...record, offset: 2 ** 33 + at })),
      );
    }
  });

  it.each([
    ['gzip', fixtures.JAVA_GZIP],
    ['snappy', fixtures.JAVA_SNAPPY],
    ['lz4', fixtures.JAVA_LZ4],
    ['zstd', fixtures.JAVA_ZSTD],
  ])('reads what the Java client wrote with %s', (_name, text) => {
    const batch = Buffer.from(text, 'base64');
    expect(hasValidCrc(batch, 0, batch.length)).toBe(true);
    expect(layout.producerId(batch, 0)).toBe(77);
    expect(layout.lastSequence(batch, 0)).toBe(59);
    expect(layout.isTransactional(batch, 0)).toBe(true);
    expect(decodeRecords(batch)).toEqual(fixtures.javaRecords());
  });

  it('steps over control batches, empty batches and gaps, and stops at a cut batch', () => {
    const empty = buildBatch([{}], { baseOffset: 12 }).subarray(0, layout.BATCH_HEADER_SIZE);
    layout.setRecordCount(empty, 0, 0);
    sealBatch(empty);
    const marker = buildEndMarker(true, 5, 0, 0, 9);
    const first = buildBatch([{ value: Buffer.from('a') }], { baseOffset: 3 });
    const last = buildBatch([{ value: Buffer.from('b') }], { baseOffset: 90 });
    const cut = buildBatch([{ value: Buffer.from('c') }]).subarray(0, 64);
    const fetched = Buffer.concat([Buffer.alloc(4), first, empty, marker, last, cut]);
    const records = decodeRecords(fetched, 4);
    expect(records.map((record) => [record.offset, String(record.value)])).toEqual([
      [3, 'a'],
      [90, 'b'],
    ]);
  });

  it('refuses bytes that are no batches', () => {
    expect(() => decodeRecords(Buffer.alloc(80))).toThrow('no record batch at byte 0');
  });

  it('opens no batch past the limit', () => {
    const bomb = buildBatch([{ value: Buffer.alloc(1_000_000) }], { codec: CODEC.ZSTD });
    expect(() => decodeRecords(bomb, 0, bomb.length, 10_000)).toThrow('limit of 10000 bytes');
  });
});

describe('RecordCursor', () => {
  it('tells null from empty', () => {
    const cursor = new RecordCursor();
    cursor.open(buildBatch([{ key: Buffer.alloc(0), value: null }]), 0);
    expect(cursor.next()).toBe(true);
    expect(cursor.keyStart).toBe(cursor.keyEnd);
    expect(cursor.keyStart).toBeGreaterThan(0);
    expect(cursor.valueStart).toBe(-1);
    expect(cursor.key()).toEqual(Buffer.alloc(0));
    expect(cursor.value()).toBe(null);
    expect(cursor.headers()).toEqual([]);
    expect(cursor.next()).toBe(false);
  });

  it.each<[string, number, number[]]>([
    ['a record without bytes', 1, []],
    ['a length past the end', 1, [0x10, 0, 0, 0, 1, 1, 0]],
    ['a negative length', 1, [0x01, 0, 0, 0, 1, 1, 0]],
    ['a key past the record', 1, [0x0c, 0, 0, 0, 0x20, 1, 0]],
    ['a key length of -2', 1, [0x0c, 0, 0, 0, 3, 1, 0]],
    ['a value past the record', 1, [0x0c, 0, 0, 0, 1, 0x20, 0]],
    ['a negative header count', 1, [0x0c, 0, 0, 0, 1, 1, 1]],
    ['bytes after the headers', 1, [0x0e, 0, 0, 0, 1, 1, 0, 0]],
    ['bytes after the last record', 1, [0x0c, 0, 0, 0, 1, 1, 0, 0]],
    ['fewer records than counted', 2, [0x0c, 0, 0, 0, 1, 1, 0]],
  ])('throws on %s', (_what, count, bytes) => {
    const cursor = cursorOver(count, bytes);
    expect(() => {
      while (cursor.next()) cursor.headers();
    }).toThrow(MillraceError);
  });

  it('throws on two billion headers before it makes room for them', () => {
    const cursor = cursorOver(1, [0x14, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f]);
    expect(cursor.next()).toBe(true);
    expect(() => cursor.headers()).toThrow('malformed record');
  });

  it('survives flipped bytes in records', () => {
    const random = new Random(31);
    const batch = buildBatch(randomRecords(random, 5));
    const cursor = new RecordCursor();
    for (let round = 0; round < 3000; round++) {
      const broken = Buffer.from(batch);
      const at = layout.BATCH_HEADER_SIZE + random.below(batch.length - layout.BATCH_HEADER_SIZE);
      broken[at] = random.below(256);
      try {
        cursor.open(broken, 0);
        while (cursor.next()) cursor.toRecord();
      } catch (thrown) {
        expect((thrown as MillraceError).code).toBe('MILLRACE_CORRUPT');
      }
    }
  });
});
