import { ERROR } from '../../base/kafka-errors.ts';
import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { Metadata } from '../metadata/metadata.ts';
import type { TopicImage } from '../metadata/topic-image.ts';
import type { Encoded } from '../serde/serde.ts';
import type { Accumulator } from './accumulator.ts';
import type { Batch } from './batch.ts';
import type { PartitionQueue } from './partition-queue.ts';
import { type Partitioner, type PartitionerView, partitionOfKey } from './partitioner.ts';
import type { ProducerSettings } from './producer-options.ts';
import { StickyPartition } from './sticky-partition.ts';

const BY_PARTITIONER = -1;

/** The way of a topic's records to their partitions, the same for all who write to the topic. */
export class TopicRoute {
  readonly topic: string;
  readonly #metadata: Metadata;
  readonly #settings: ProducerSettings;
  readonly #accumulator: Accumulator;
  readonly #partitioner: Partitioner | null;
  readonly #sticky: StickyPartition;
  #queues: readonly PartitionQueue[] = [];
  #view: PartitionerView | null = null;
  #version = -1;

  constructor(
    topic: string,
    metadata: Metadata,
    settings: ProducerSettings,
    accumulator: Accumulator,
  ) {
    this.topic = topic;
    this.#metadata = metadata;
    this.#settings = settings;
    this.#accumulator = accumulator;
    this.#partitioner = settings.partitioner;
    const { batchSize, partitionerAdaptivePartitioningEnable: isAdaptive } = settings;
    this.#sticky = new StickyPartition(Math.max(batchSize, 1), isAdaptive);
  }

  /** Whether the topic's partitions are known. */
  get isKnown(): boolean {
    if (this.#version !== this.#metadata.version) this.#refresh();
    return this.#queues.length > 0;
  }

  /** Adds a record where the topic is known. Throws BUFFER_FULL where there is no memory. */
  append(
    key: Encoded,
    value: Encoded,
    headers: Uint8Array | null,
    timestamp: number,
    partition: number,
  ): Batch {
    const isSticky = partition === BY_PARTITIONER && this.#isSticky(key);
    const chosen = isSticky ? this.#stickyPartition() : this.#choose(key, value, partition);
    const queue = this.#queues[chosen];
    if (queue === undefined) throw this.#noPartition(chosen);
    const before = queue.open;
    const start = before === null ? 0 : before.length;
    const batch = this.#accumulator.append(queue, key, value, headers, timestamp);
    if (isSticky) {
      const bytes = batch === before ? batch.length - start : batch.length;
      this.#sticky.add(bytes, batch.length + bytes > this.#settings.batchSize);
    }
    return batch;
  }

  #isSticky(key: Encoded): boolean {
    if (this.#partitioner !== null) return false;
    return key === null || this.#settings.partitionerIgnoreKeys;
  }

  #stickyPartition(): number {
    if (this.#queues.length === 1) return 0;
    const { current } = this.#sticky;
    return current >= 0 && current < this.#queues.length ? current : this.#chooseSticky();
  }

  #chooseSticky(): number {
    const { partitionerAvailabilityTimeoutMs: limitMs } = this.#settings;
    const nowMs = performance.now();
    const partitions = this.#metadata.topic(this.topic)?.partitions ?? [];
    const loads = this.#queues.map((queue, partition) => ({
      partition,
      hasLeader: (partitions[partition]?.leader ?? -1) >= 0,
      queued: queue.queue.length + (queue.open === null ? 0 : 1),
      isStuck: limitMs > 0 && queue.waitingSinceMs > 0 && nowMs - queue.waitingSinceMs > limitMs,
    }));
    return this.#sticky.choose(loads);
  }

  #choose(key: Encoded, value: Encoded, partition: number): number {
    if (partition !== BY_PARTITIONER) return partition;
    if (this.#partitioner === null) return partitionOfKey(key!, this.#queues.length);
    return this.#partitioner(key, value, this.#view!);
  }

  #noPartition(chosen: number): KafkaError {
    const what = `topic ${this.topic} has no partition ${chosen}, only ${this.#queues.length}`;
    return new KafkaError('BAD_ARGUMENT', what, { topic: this.topic });
  }

  #refresh(): void {
    this.#version = this.#metadata.version;
    const topic = this.#metadata.topic(this.topic);
    if (topic === undefined || topic.errorCode !== ERROR.NONE) return;
    this.#queues = this.#accumulator.queuesOf(this.topic, topic.partitions.length);
    this.#view = { topic, available: withLeader(topic) };
  }

  /** Resolves once the topic is known; its error is the caller's. */
  async require(signal?: AbortSignal): Promise<void> {
    const { maxBlockMs: timeoutMs } = this.#settings;
    try {
      await this.#metadata.requireTopic(this.topic, { timeoutMs, signal });
    } catch (thrown) {
      throw toKafkaError(thrown);
    }
  }
}

function withLeader(topic: TopicImage): number[] {
  return topic.partitions.filter(({ leader }) => leader >= 0).map(({ partition }) => partition);
}
