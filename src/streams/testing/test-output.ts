import type { Topic } from '../../client/serde/topic.ts';
import type { MemoryTopic } from './memory-topic.ts';
import type { RawRecord, TestRecord } from './test-record.ts';

/** A topic that a test reads, each record once. */
export class TestOutput<K, V> {
  readonly #types: Topic<never, never, K, V>;
  readonly #topic: () => MemoryTopic | undefined;

  constructor(types: Topic<never, never, K, V>, topic: () => MemoryTopic | undefined) {
    this.#types = types;
    this.#topic = topic;
  }

  /** How many records wait to be read. */
  get size(): number {
    const topic = this.#topic();
    return topic === undefined ? 0 : topic.size - topic.read;
  }

  /** Whether all that was written is read. */
  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** The next record; throws where there is none. */
  read(): TestRecord<K, V> {
    const topic = this.#topic();
    if (topic === undefined || topic.read >= topic.size) {
      throw new Error(`topic ${this.#types.name} has no record that was not read`);
    }
    const number = topic.read++;
    return this.#typed(topic.recordAt(number), topic.partitionAt(number));
  }

  /** All records that were not read yet. */
  readAll(): TestRecord<K, V>[] {
    const records: TestRecord<K, V>[] = [];
    while (!this.isEmpty) records.push(this.read());
    return records;
  }

  /** All keys and values as pairs. */
  readPairs(): [K | null, V | null][] {
    return this.readAll().map(({ key, value }) => [key, value]);
  }

  /** All values. */
  readValues(): (V | null)[] {
    return this.readAll().map(({ value }) => value);
  }

  /** The last value of each key: what a table of the topic would hold. */
  readMap(): Map<K, V | null> {
    const map = new Map<K, V | null>();
    for (const { key, value } of this.readAll()) {
      if (key === null) throw new Error(`topic ${this.#types.name} has a record without a key`);
      map.set(key, value);
    }
    return map;
  }

  #typed(record: RawRecord, partition: number): TestRecord<K, V> {
    const { name, key, value } = this.#types;
    const { timestamp, headers } = record;
    return {
      key: record.key === null ? null : key.deserialize(record.key, name),
      value: record.value === null ? null : value.deserialize(record.value, name),
      timestamp,
      headers,
      partition,
    };
  }
}
