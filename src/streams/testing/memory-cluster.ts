import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import { partitionOfKey } from '../../client/producer/partitioner.ts';
import type { Encoded } from '../../client/serde/serde.ts';
import { BY_KEY, type TaskOutput } from '../tasks/task-output.ts';
import { MemoryTopic } from './memory-topic.ts';

/** A record on its way to a topic. */
export interface SentRecord {
  readonly key: Encoded;
  readonly value: Encoded;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
}

/** A record that was written, for those who read its topic. */
export interface WrittenRecord {
  readonly topic: MemoryTopic;
  readonly partition: number;
  readonly offset: number;
}

/** The topics of the test driver. In a transaction, records are written when it is committed. */
export class MemoryCluster implements TaskOutput {
  readonly topics = new Map<string, MemoryTopic>();
  /** The names of those that tasks read, so that what is written must reach somebody. */
  readonly sources = new Set<string>();
  readonly #isTransactional: boolean;
  readonly #countOf: (topic: string) => number;
  readonly #open: { topic: MemoryTopic; partition: number; record: SentRecord }[] = [];
  #written: WrittenRecord[] = [];
  #turn = 0;

  /** `countOf` says how many partitions a topic gets that is not there yet. */
  constructor(isTransactional: boolean, countOf: (topic: string) => number) {
    this.#isTransactional = isTransactional;
    this.#countOf = countOf;
  }

  topic(name: string): MemoryTopic {
    let topic = this.topics.get(name);
    if (topic === undefined) {
      topic = new MemoryTopic(name, this.#countOf(name));
      this.topics.set(name, topic);
    }
    return topic;
  }

  partitionCount(topic: string): number {
    return this.topic(topic).partitions.length;
  }

  send(
    topic: string,
    partition: number,
    key: Encoded,
    value: Encoded,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const target = this.topic(topic);
    const chosen = partition === BY_KEY ? this.#choose(target, key) : partition;
    if (this.#isTransactional) {
      const record = { key: copyOf(key), value: copyOf(value), timestamp, headers };
      this.#open.push({ topic: target, partition: chosen, record });
      return;
    }
    const offset = target.recordsOf(chosen).add(key, value, timestamp, headers);
    this.#onWritten(target, chosen, offset, false);
  }

  /** A test's own record, which belongs to no transaction. */
  write(topic: string, partition: number, record: SentRecord): void {
    const target = this.topic(topic);
    const chosen = partition === BY_KEY ? this.#choose(target, record.key) : partition;
    this.#append(target, chosen, record, true);
  }

  commit(): void {
    for (const { topic, partition, record } of this.#open.splice(0)) {
      this.#append(topic, partition, record, false);
    }
  }

  abort(): void {
    this.#open.length = 0;
  }

  /** What was written to sources since the last call. */
  takeWritten(): readonly WrittenRecord[] {
    const written = this.#written;
    if (written.length === 0) return written;
    this.#written = [];
    return written;
  }

  #append(topic: MemoryTopic, partition: number, record: SentRecord, isOfTest: boolean): void {
    const { key, value, timestamp, headers } = record;
    const offset = topic.recordsOf(partition).add(key, value, timestamp, headers);
    this.#onWritten(topic, partition, offset, isOfTest);
  }

  #onWritten(topic: MemoryTopic, partition: number, offset: number, isOfTest: boolean): void {
    topic.noted(partition, offset, isOfTest);
    if (this.sources.has(topic.name)) this.#written.push({ topic, partition, offset });
  }

  #choose({ partitions }: MemoryTopic, key: Encoded): number {
    if (key === null) return this.#turn++ % partitions.length;
    return partitionOfKey(key, partitions.length);
  }
}

const UTF8 = new TextEncoder();

function copyOf(part: Encoded): Uint8Array | null {
  if (part === null) return null;
  return typeof part === 'string' ? UTF8.encode(part) : new Uint8Array(part);
}
