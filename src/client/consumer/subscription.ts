import type { Metadata } from '../metadata/metadata.ts';
import type { TopicChoice } from './consumer-options.ts';
import {
  RAW_READERS,
  type RecordReaders,
  readersOf,
  type TypedTopic,
} from './records/record-readers.ts';
import { isSideTopic } from './run/retry-names.ts';

/** Which topics a consumer wants, and how their records are read. */
export class Subscription<K, V> {
  #names: readonly string[] = [];
  #patterns: readonly RegExp[] = [];
  readonly #readers = new Map<string, RecordReaders<K, V>>();
  readonly #types = new Map<string, TypedTopic<K, V>>();
  /** Whether a pattern leaves out what retries and dead letters have made beside a topic. */
  leavesOutSideTopics = false;

  get hasPatterns(): boolean {
    return this.#patterns.length > 0;
  }

  set(topics: readonly TopicChoice<K, V>[]): void {
    this.#patterns = topics.filter((each) => each instanceof RegExp);
    this.#names = topics.flatMap((each) => {
      if (each instanceof RegExp) return [];
      return typeof each === 'string' ? [each] : [each.name];
    });
    this.addTypes(topics);
  }

  addTypes(topics: readonly TopicChoice<K, V>[]): void {
    for (const each of topics) {
      if (typeof each === 'string' || each instanceof RegExp) continue;
      this.#readers.set(each.name, readersOf(each) as RecordReaders<K, V>);
      this.#types.set(each.name, each);
    }
  }

  /** A topic of this name with the types of another. */
  like(topic: string, name: string): TopicChoice<K, V> {
    const type = this.#types.get(topic);
    return type === undefined ? name : { ...type, name };
  }

  /** Bytes where nothing is said of the topic. */
  readersOf(topic: string): RecordReaders<K, V> {
    return this.#readers.get(topic) ?? (RAW_READERS as unknown as RecordReaders<K, V>);
  }

  /** The topics by name, and those that are there and match a pattern. */
  topics(metadata: Metadata): string[] {
    const topics = new Set(this.#names);
    for (const { name, isInternal, errorCode } of metadata.topics()) {
      if (isInternal || errorCode !== 0) continue;
      if (this.leavesOutSideTopics && isSideTopic(name)) continue;
      if (this.#patterns.some((pattern) => name.search(pattern) >= 0)) topics.add(name);
    }
    return [...topics].sort();
  }
}
