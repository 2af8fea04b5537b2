import { badValue, Fields, integerOf, textOf } from '../command/fields.ts';
import type { Position } from './position.ts';
import { decodeToken } from './position-token.ts';

/** Where a subscription begins: the field `from` of a subscribe, `to` of a seek. */
export type StartPoint =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  /** So many offsets before the end, over all partitions together. */
  | { readonly kind: 'last'; readonly count: number }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<string, number> }
  | { readonly kind: 'time'; readonly timeMs: number }
  /** The positions of an earlier subscription, by `partitionKey`. */
  | {
      readonly kind: 'positions';
      readonly positions: ReadonlyMap<string, Position>;
      /** The stream that the token names; '' if the client made its positions itself. */
      readonly stream: string;
    };

const PARTITION_MAX = 2 ** 31 - 1;

export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

export function parseStartPoint(
  fields: Fields,
  name: string,
  fallback: 'earliest' | 'latest',
): StartPoint {
  const value = fields.raw(name);
  const path = fields.path(name);
  if (value === undefined) return { kind: fallback };
  if (value === 'earliest' || value === 'latest') return { kind: value };
  if (typeof value !== 'object') {
    throw badValue(path, 'must be "earliest", "latest" or an object: see the README');
  }
  const inner = Fields.of(value, path);
  const offset = inner.integer('offset', 0);
  if (offset !== undefined) return { kind: 'offset', offset };
  const count = inner.integer('last', 0);
  if (count !== undefined) return { kind: 'last', count };
  const timeMs = inner.integer('time', 0);
  if (timeMs !== undefined) return { kind: 'time', timeMs };
  const token = inner.text('token');
  if (token !== undefined) {
    const content = decodeToken(token, inner.path('token'));
    return fromPositions(content.positions, content.stream);
  }
  const positions = inner.list('positions');
  if (positions !== undefined) {
    const at = inner.path('positions');
    const rows = positions.map((row, i) => positionOf(Fields.of(row, `${at}.${i}`)));
    return fromPositions(rows, '');
  }
  const offsets = inner.fields('offsets');
  if (offsets !== undefined) return { kind: 'offsets', offsets: offsetsOf(offsets) };
  throw badValue(path, 'must have one of last, offset, offsets, time, positions, token');
}

function fromPositions(positions: readonly Position[], stream: string): StartPoint {
  const byKey = new Map<string, Position>();
  for (const at of positions) byKey.set(partitionKey(at.topic, at.partition), at);
  return { kind: 'positions', positions: byKey, stream };
}

export function positionOf(fields: Fields): Position {
  return {
    topic: textOf(fields.raw('topic'), fields.path('topic')),
    topicId: fields.text('topicId') ?? '',
    partition: fields.requiredInteger('partition', 0, PARTITION_MAX),
    offset: fields.requiredInteger('offset', 0),
    epoch: fields.integer('epoch', -1, PARTITION_MAX) ?? -1,
  };
}

function offsetsOf(fields: Fields): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  for (const topic of fields.names()) {
    const partitions = fields.fields(topic);
    if (partitions === undefined) continue;
    for (const number of partitions.names()) {
      const path = partitions.path(number);
      if (!/^\d{1,9}$/.test(number)) throw badValue(path, 'must be a partition number');
      const offset = integerOf(partitions.raw(number), path, 0, Number.MAX_SAFE_INTEGER);
      offsets.set(partitionKey(topic, Number(number)), offset);
    }
  }
  return offsets;
}
