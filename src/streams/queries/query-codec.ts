import type { Encoded } from '../../client/serde/serde.ts';
import type { AnySerde, StoreSpec } from '../topology/store-spec.ts';
import type { Query, QueryRow } from './query.ts';
import { QueryError } from './query-error.ts';
import type { StoreQueryOptions } from './store-query-options.ts';

/** A question as JSON has it: keys are in base64. */
export interface WireQuery {
  readonly store: string;
  readonly partitions: readonly number[] | null;
  readonly maxLag: number | null;
  readonly position: Readonly<Record<string, number>> | null;
  readonly query: Readonly<Record<string, string | number | boolean | null>>;
}

/** Key, value, timestamp, start, end. */
export type WireRow = readonly [string | null, string, number, number, number];

const KEY_FIELDS = ['key', 'from', 'to', 'prefix'];
const OPERATIONS = [
  'get',
  'getAsOf',
  'fetch',
  'versions',
  'range',
  'prefix',
  'all',
  'fetchRange',
  'fetchAll',
];

/** Carries questions and answers with the serdes of a store, as bytes in JSON. */
export class QueryCodec<K, V> {
  readonly #store: string;
  readonly #key: AnySerde<K>;
  readonly #value: AnySerde<V>;

  constructor(spec: StoreSpec) {
    this.#store = spec.name;
    const serdes = spec as { key?: AnySerde<K>; value?: AnySerde<V> };
    if (serdes.key === undefined || serdes.value === undefined) {
      const what = `store ${spec.name} has no serdes that another instance could know`;
      throw new QueryError('QUERY_WRONG_KIND', what);
    }
    this.#key = serdes.key;
    this.#value = serdes.value;
  }

  encode(query: Query<K>, options: StoreQueryOptions): WireQuery {
    const fields = Object.entries(query).map(([name, part]) => {
      return [name, KEY_FIELDS.includes(name) ? this.#keyText(name, part) : part];
    });
    return {
      store: this.#store,
      partitions: options.partitions ?? null,
      maxLag: options.maxLag ?? null,
      position: options.position ?? null,
      query: Object.fromEntries(fields),
    };
  }

  decode({ query }: WireQuery): Query<K> {
    if (!OPERATIONS.includes(String(query.op))) {
      throw new QueryError('QUERY_WRONG_KIND', `there is no question '${String(query.op)}'`);
    }
    const fields = Object.entries(query).map(([name, part]) => {
      if (!KEY_FIELDS.includes(name) || part === null) return [name, part];
      const bytes = Buffer.from(String(part), 'base64');
      return [name, name === 'prefix' ? bytes : this.#key.deserialize(bytes, '')];
    });
    return Object.fromEntries(fields) as Query<K>;
  }

  encodeRows(rows: readonly QueryRow<K, V>[]): WireRow[] {
    return rows.map(({ key, value, timestamp, start, end }) => [
      key === null ? null : base64(this.#key.serialize(key, '')),
      base64(this.#value.serialize(value, '')) ?? '',
      timestamp,
      start,
      end,
    ]);
  }

  decodeRows(rows: readonly WireRow[]): QueryRow<K, V>[] {
    return rows.map(([key, value, timestamp, start, end]) => ({
      key: key === null ? null : this.#key.deserialize(Buffer.from(key, 'base64'), ''),
      value: this.#value.deserialize(Buffer.from(value, 'base64'), ''),
      timestamp,
      start,
      end,
    }));
  }

  #keyText(name: string, part: unknown): string | null {
    if (part === null) return null;
    if (name === 'prefix') return base64(part as Uint8Array);
    return base64(this.#key.serialize(part as K, ''));
  }
}

function base64(encoded: Encoded): string | null {
  if (encoded === null) return null;
  return Buffer.from(encoded as Uint8Array).toString('base64');
}
