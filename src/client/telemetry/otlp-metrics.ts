import type { Metric } from '../metrics/metric.ts';
import { ProtoWriter } from './proto-writer.ts';

/** One metric and what is to be told of it. */
export interface MetricPoint {
  readonly metric: Metric;
  readonly value: number;
  /** For sums: since when the value has been counted, in wall time. */
  readonly sinceMs: number;
}

/** The numbers of fields in opentelemetry/proto/metrics/v1/metrics.proto and its neighbours. */
const DATA = { RESOURCE_METRICS: 1 } as const;
const RESOURCE_METRICS = { RESOURCE: 1, SCOPE_METRICS: 2 } as const;
const RESOURCE = { ATTRIBUTES: 1 } as const;
const SCOPE_METRICS = { METRICS: 2 } as const;
const METRIC = { NAME: 1, GAUGE: 5, SUM: 7 } as const;
const POINTS = { DATA_POINTS: 1, TEMPORALITY: 2, IS_MONOTONIC: 3 } as const;
const POINT = { START: 2, TIME: 3, DOUBLE: 4, ATTRIBUTES: 7 } as const;
const KEY_VALUE = { KEY: 1, VALUE: 2 } as const;
const ANY_VALUE = { STRING: 1 } as const;
const TEMPORALITY = { DELTA: 1, CUMULATIVE: 2 } as const;
const TRUE = 1;

const PREFIX = 'org.apache.kafka';
const DASHES = /-/g;
const GROUP_END = /\.metrics\b/g;

/** `org.apache.kafka.producer.topic.record.send.rate`: the name by which brokers ask for it. */
export function telemetryName({ group, name }: Pick<Metric, 'group' | 'name'>): string {
  const base = group.replace(DASHES, '.').replace(GROUP_END, '');
  return `${PREFIX}.${base}.${name.replace(DASHES, '.')}`;
}

/** An OTLP `MetricsData` of these points, measured at this wall time. */
export function encodeMetrics(
  labels: Readonly<Record<string, string>>,
  points: readonly MetricPoint[],
  nowMs: number,
  isDelta: boolean,
): Buffer {
  const resource = new ProtoWriter();
  writeAttributes(resource, RESOURCE.ATTRIBUTES, Object.entries(labels));
  const scope = new ProtoWriter();
  for (const point of points) {
    scope.message(SCOPE_METRICS.METRICS, encodeMetric(point, nowMs, isDelta));
  }
  const metrics = new ProtoWriter()
    .message(RESOURCE_METRICS.RESOURCE, resource)
    .message(RESOURCE_METRICS.SCOPE_METRICS, scope);
  return new ProtoWriter().message(DATA.RESOURCE_METRICS, metrics).bytes();
}

function encodeMetric(point: MetricPoint, nowMs: number, isDelta: boolean): ProtoWriter {
  const { metric, value, sinceMs } = point;
  const isSum = metric.kind === 'sum';
  const data = new ProtoWriter();
  if (isSum) data.nanoseconds(POINT.START, sinceMs);
  data.nanoseconds(POINT.TIME, nowMs).double(POINT.DOUBLE, value);
  // The broker knows the client's id from the request.
  const tags = Object.entries(metric.tags).filter(([name]) => name !== 'client-id');
  writeAttributes(data, POINT.ATTRIBUTES, tags);
  const points = new ProtoWriter().message(POINTS.DATA_POINTS, data);
  if (isSum) {
    points.number(POINTS.TEMPORALITY, isDelta ? TEMPORALITY.DELTA : TEMPORALITY.CUMULATIVE);
    points.number(POINTS.IS_MONOTONIC, TRUE);
  }
  const encoded = new ProtoWriter().text(METRIC.NAME, telemetryName(metric));
  return encoded.message(isSum ? METRIC.SUM : METRIC.GAUGE, points);
}

function writeAttributes(
  into: ProtoWriter,
  field: number,
  entries: readonly (readonly [string, string])[],
): void {
  for (const [name, value] of entries) {
    const attribute = new ProtoWriter()
      .text(KEY_VALUE.KEY, name.replace(DASHES, '_'))
      .message(KEY_VALUE.VALUE, new ProtoWriter().text(ANY_VALUE.STRING, value));
    into.message(field, attribute);
  }
}
