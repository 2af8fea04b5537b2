import { KafkaError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';

/** Keys that one request to one broker is about. */
export interface Batch<Key> {
  readonly keys: readonly Key[];
  connect(): Promise<Connection>;
}

/** Which broker is asked about which key. */
export interface Route<Key> {
  /** Batches for the keys. A key that no broker can be asked about gets its error at once. */
  plan(keys: readonly Key[], failures: Map<Key, unknown>): Promise<Batch<Key>[]>;
  /** The broker was the wrong one, or did not answer. Routes that remember nothing lack it. */
  forget?(key: Key): void;
}

/** No such broker, also after the brokers were asked for anew. */
export function noSuchBroker(id: number): KafkaError {
  return new KafkaError('BROKER_NOT_AVAILABLE', `the cluster has no broker ${id}`, {
    category: 'invalid-configuration',
  });
}

/** The keys in lists by what `group` says of each. */
export function grouped<Key, Group>(
  keys: Iterable<Key>,
  group: (key: Key) => Group,
): Map<Group, Key[]> {
  const groups = new Map<Group, Key[]>();
  for (const key of keys) {
    const name = group(key);
    const list = groups.get(name);
    if (list === undefined) groups.set(name, [key]);
    else list.push(key);
  }
  return groups;
}

/** The list in pieces of at most `limit`. */
export function slices<Key>(list: readonly Key[], limit: number): Key[][] {
  const pieces: Key[][] = [];
  for (let at = 0; at < list.length; at += limit) pieces.push(list.slice(at, at + limit));
  return pieces;
}
