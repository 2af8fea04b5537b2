import { describe, expect, it } from 'vitest';
import { JsonBytes } from '../../../src/gateway/stream/json-bytes.ts';
import { RecordHead } from '../../../src/gateway/stream/record-head.ts';

type Row = readonly [offset: number, partition: number, time: number];

function written(rows: readonly Row[]): string[] {
  const out = new JsonBytes(16);
  const head = new RecordHead();
  return rows.map(([offset, partition, time]) => {
    out.clear();
    head.write(out, offset, partition, time);
    return out.take(true).toString();
  });
}

function expected(rows: readonly Row[]): string[] {
  return rows.map(([offset, partition, time]) => {
    const place = partition < 0 ? '' : `,"partition":${partition}`;
    return `{"offset":${offset}${place}${time < 0 ? '' : `,"time":${time}`}`;
  });
}

describe('the head of records', () => {
  it('follows offsets that grow by one over every number of digits', () => {
    const starts = [0, 8, 98, 999_998, 2 ** 31 - 2, 2 ** 32 - 2, 99_999_999_998];
    const rows = starts.flatMap((start) => {
      return Array.from({ length: 14 }, (_, i): Row => [start + i, -1, 1_760_000_000_000]);
    });
    expect(written(rows)).toEqual(expected(rows));
  });

  it('follows times that go on, go back, get longer and are missing', () => {
    const times = [0, 1, 9, 10, 12, 99, 100, 1_759_999_999_999, 1_760_000_000_000];
    const more = [1_760_000_000_001, 1_760_000_123_456, 5, -1, -1, 7, 7, 2 ** 45, 2 ** 45 + 999];
    const rows = [...times, ...more].map((time, i): Row => [i + 5, -1, time]);
    expect(written(rows)).toEqual(expected(rows));
  });

  it('begins anew for another partition, a hole or a step back', () => {
    const rows: Row[] = [
      [7, 0, 10],
      [8, 1, 10],
      [9, 1, 11],
      [9, 1, 11],
      [30, 1, 11],
      [29, -1, -1],
      [30, -1, -1],
      [31, 12, -1],
    ];
    expect(written(rows)).toEqual(expected(rows));
  });
});
