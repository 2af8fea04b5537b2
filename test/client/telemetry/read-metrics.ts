import { expect } from 'vitest';

/** A point of an OTLP metric, as a receiver would read it. */
export interface ReadPoint {
  readonly name: string;
  readonly value: number;
  readonly startMs: number;
  readonly timeMs: number;
  readonly temporality: 'delta' | 'cumulative' | 'gauge';
  readonly isMonotonic: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

type Fields = Map<number, (number | Buffer)[]>;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

/** Any message of Protocol Buffers by the numbers of its fields. */
function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag & 7;
    let value: number | Buffer;
    if (type === VARINT) value = varint();
    else {
      const length = type === LENGTH_DELIMITED ? varint() : 8;
      expect([FIXED64, LENGTH_DELIMITED]).toContain(type);
      value = bytes.subarray(at, at + length);
      at += length;
    }
    const list = fields.get(tag >> 3) ?? [];
    list.push(value);
    fields.set(tag >> 3, list);
  }
  expect(at, 'the end of a message').toBe(bytes.length);
  return fields;
}

function one(fields: Fields, field: number): Buffer {
  return fields.get(field)![0] as Buffer;
}

function attributes(fields: Fields, field: number): Record<string, string> {
  const entries = (fields.get(field) ?? []).map((each) => {
    const pair = fieldsOf(each as Buffer);
    return [String(one(pair, 1)), String(one(fieldsOf(one(pair, 2)), 1))];
  });
  return Object.fromEntries(entries);
}

function milliseconds(fields: Fields, field: number): number {
  const bytes = fields.get(field)?.[0] as Buffer | undefined;
  return bytes === undefined ? 0 : Number(bytes.readBigUInt64LE() / 1_000_000n);
}

function readPoint(metric: Fields): ReadPoint {
  const name = String(one(metric, 1));
  const isSum = metric.has(7);
  const data = fieldsOf(one(metric, isSum ? 7 : 5));
  const point = fieldsOf(one(data, 1));
  const temporality = isSum ? (data.get(2)![0] === 1 ? 'delta' : 'cumulative') : 'gauge';
  return {
    name,
    value: one(point, 4).readDoubleLE(),
    startMs: milliseconds(point, 2),
    timeMs: milliseconds(point, 3),
    temporality,
    isMonotonic: data.get(3)?.[0] === 1,
    tags: attributes(point, 7),
  };
}

/** An OTLP `MetricsData` message. */
export function readMetrics(bytes: Buffer): {
  labels: Record<string, string>;
  points: ReadPoint[];
} {
  const resourceMetrics = fieldsOf(one(fieldsOf(bytes), 1));
  const scope = fieldsOf(one(resourceMetrics, 2));
  return {
    labels: attributes(fieldsOf(one(resourceMetrics, 1)), 1),
    points: (scope.get(2) ?? []).map((metric) => readPoint(fieldsOf(metric as Buffer))),
  };
}
