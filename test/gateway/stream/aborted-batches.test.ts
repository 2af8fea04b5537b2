import { expect, test } from 'vitest';
import type { HelperPool } from '../../../src/front/partitions/helper-pool.ts';
import { Fields } from '../../../src/gateway/command/fields.ts';
import { AbortedBatches, NONE_ABORTED } from '../../../src/gateway/stream/aborted-batches.ts';
import { Formats } from '../../../src/gateway/stream/formats.ts';
import type { FrameFormat } from '../../../src/gateway/stream/frame.ts';
import { LineFormat } from '../../../src/gateway/stream/line-format.ts';
import { OpenedBatches } from '../../../src/gateway/stream/opened-batches.ts';
import { parseFilter } from '../../../src/gateway/stream/record-filter.ts';
import { NO_THINNING, RecordSelection } from '../../../src/gateway/stream/record-selection.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import {
  baseOffset,
  recordCount,
  setBaseOffset,
  wholeBatchSize,
} from '../../../src/records/batch-layout.ts';
import { buildEndMarker } from '../../../src/records/control-record.ts';

const COMMITTED = true;
const UNCOMMITTED = false;
const ONE = 11;
const OTHER = 12;
const EVERYTHING = new RecordSelection(null, NO_THINNING);
const FIELDS = {
  keys: 'text',
  values: 'text',
  headers: true,
  times: true,
  partition: false,
} as const;
const formats = new Formats(new OpenedBatches({} as HelperPool, () => {}));

function plain(value: string): Buffer {
  return buildBatch([{ value: Buffer.from(value), key: Buffer.from('k') }]);
}

function written(producerId: number, value: string): Buffer {
  const producer = { producerId, producerEpoch: 0, baseSequence: 0, transactional: true };
  return buildBatch([{ value: Buffer.from(value), key: Buffer.from('k') }], producer);
}

function ended(producerId: number, isCommit: boolean): Buffer {
  return buildEndMarker(isCommit, producerId, 0, 0, 1);
}

/** Two transactions of one producer, of which the first is aborted, and one of another. */
const LOG = [
  plain('p0'),
  written(ONE, 'aborted 1'),
  written(OTHER, 'kept 2'),
  written(ONE, 'aborted 3'),
  ended(ONE, false),
  written(ONE, 'kept 5'),
  ended(OTHER, true),
  plain('p7'),
  ended(ONE, true),
];
LOG.forEach((batch, offset) => {
  setBaseOffset(batch, 0, offset);
});
const ABORTED = AbortedBatches.of([{ producerId: ONE, firstOffset: 1, lastOffset: 4 }]);

function encode(format: FrameFormat, aborted: AbortedBatches, recordsMax = 100) {
  const bytes = Buffer.concat(LOG);
  const place = { topic: 't', partition: 0, bytes, start: 0, end: bytes.length };
  const bounds = { position: 0, next: LOG.length, aborted, readableEnd: LOG.length };
  const frame = format.encode({ ...place, ...bounds }, recordsMax, true);
  return { frame, next: frame.next, count: frame.recordCount };
}

function offsetsOf(frame: Buffer): number[] {
  const offsets: number[] = [];
  let at = 48 + frame.readUInt16BE(2);
  for (let size = 0; at < frame.length; at += size) {
    offsets.push(baseOffset(frame, at));
    expect(recordCount(frame, at)).toBe(1);
    size = wholeBatchSize(frame, at, frame.length);
  }
  return offsets;
}

function valuesOf(text: string): string[] {
  return Array.from(text.matchAll(/"value":"([^"]+)"/g), ([, value]) => value!);
}

test('a batch is aborted only between the first record and the marker of its transaction', () => {
  const aborted = AbortedBatches.of([
    { producerId: ONE, firstOffset: 1, lastOffset: 4 },
    { producerId: OTHER, firstOffset: 6, lastOffset: 9 },
    { producerId: ONE, firstOffset: 20, lastOffset: 30 },
  ]);
  const found = (producerId: number) => {
    const offsets = Array.from({ length: 32 }, (_, offset) => offset);
    return offsets.filter((offset) => {
      const batch = written(producerId, 'x');
      setBaseOffset(batch, 0, offset);
      return aborted.has(batch, 0);
    });
  };
  expect(found(ONE)).toEqual([1, 2, 3, 4, ...Array.from({ length: 11 }, (_, i) => 20 + i)]);
  expect(found(OTHER)).toEqual([6, 7, 8, 9]);
  expect(found(13)).toEqual([]);
});

test('a plain batch of the same producer is not of its transaction', () => {
  const producer = { producerId: ONE, producerEpoch: 0, baseSequence: 0 };
  const batch = buildBatch([{ value: Buffer.from('x') }], producer);
  setBaseOffset(batch, 0, 2);
  expect(ABORTED.has(batch, 0)).toBe(false);
  expect(AbortedBatches.of([])).toBe(NONE_ABORTED);
});

test('frames of JSON and of lines leave aborted records out', () => {
  const kept = ['p0', 'kept 2', 'kept 5', 'p7'];
  const json = encode(formats.json(FIELDS, EVERYTHING, COMMITTED), ABORTED);
  expect(valuesOf(json.frame.bytes.toString())).toEqual(kept);
  expect([json.next, json.count, json.frame.skippedCount]).toEqual([9, 4, 0]);
  const lines = new LineFormat(formats.output, FIELDS, COMMITTED, null);
  expect(valuesOf(encode(lines, ABORTED).frame.bytes.toString())).toEqual(kept);
});

test('frames of batches leave out what is aborted and what ends transactions', () => {
  const committed = encode(formats.batch(EVERYTHING, COMMITTED), ABORTED);
  expect(offsetsOf(committed.frame.bytes)).toEqual([0, 2, 5, 7]);
  expect([committed.next, committed.count]).toEqual([9, 4]);
  const uncommitted = encode(formats.batch(EVERYTHING, UNCOMMITTED), NONE_ABORTED);
  expect(offsetsOf(uncommitted.frame.bytes)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a limit of records does not count what is left out, and does not stop within it', () => {
  const limited = encode(formats.batch(EVERYTHING, COMMITTED), ABORTED, 2);
  expect(offsetsOf(limited.frame.bytes)).toEqual([0, 2]);
  expect([limited.next, limited.count, limited.frame.isLimited]).toEqual([5, 2, true]);
});

test('a selection does not see aborted records', () => {
  const filter = parseFilter(Fields.of({ filter: { key: 'k' } }, '').fields('filter'));
  const filtered = formats.batch(new RecordSelection(filter, NO_THINNING), COMMITTED);
  expect(offsetsOf(encode(filtered, ABORTED).frame.bytes)).toEqual([0, 2, 5, 7]);
  const last = new RecordSelection(null, { kind: 'conflate' });
  const aborted = AbortedBatches.of([{ producerId: ONE, firstOffset: 5, lastOffset: 8 }]);
  const json = encode(formats.json(FIELDS, last, COMMITTED), aborted);
  expect(valuesOf(json.frame.bytes.toString())).toEqual(['p7']);
});
