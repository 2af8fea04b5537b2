import type { MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import { CONSUMED_BYTES_METRICS, PRODUCED_BYTES_METRICS } from './streams-metric-names.ts';

const TOPIC_GROUP = 'stream-topic-metrics';

/** Bytes of one topic, as a client measures them. */
export interface MeasuredBytes {
  readonly rate: number;
  readonly total: number;
}

/** By topic. */
export type BytesByTopic = ReadonlyMap<string, MeasuredBytes>;

/**
 * How many bytes were read from topics and written to them. The clients measure that, by topic and
 * not by task.
 */
export class TopicBytes {
  readonly #registry: MetricsRegistry;
  readonly #tags: Readonly<Record<string, string>>;
  readonly #known = new Set<string>();
  #consumed: BytesByTopic = new Map();
  #produced: BytesByTopic = new Map();

  constructor(registry: MetricsRegistry, thread: string) {
    this.#registry = registry;
    this.#tags = { 'thread-id': thread };
  }

  look(consumed: BytesByTopic, produced: BytesByTopic): void {
    this.#consumed = consumed;
    this.#produced = produced;
    for (const topic of consumed.keys()) this.#register('consumed', topic);
    for (const topic of produced.keys()) this.#register('produced', topic);
  }

  #register(what: 'consumed' | 'produced', topic: string): void {
    const id = `${what} ${topic}`;
    if (this.#known.has(id)) return;
    this.#known.add(id);
    const tags = { ...this.#tags, topic };
    const place = { scope: 'topic', id: topic, group: TOPIC_GROUP, tags } as const;
    if (what === 'consumed') {
      this.#registry.register(place, CONSUMED_BYTES_METRICS, {
        'bytes-consumed-rate': () => this.#consumed.get(topic)?.rate ?? Number.NaN,
        'bytes-consumed-total': () => this.#consumed.get(topic)?.total ?? Number.NaN,
      });
    } else {
      this.#registry.register(place, PRODUCED_BYTES_METRICS, {
        'bytes-produced-rate': () => this.#produced.get(topic)?.rate ?? Number.NaN,
        'bytes-produced-total': () => this.#produced.get(topic)?.total ?? Number.NaN,
      });
    }
  }
}
