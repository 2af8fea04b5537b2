import { END } from '../consumer/offsets/reset-policy.ts';
import type { TopicPartitionOffsetAndMetadata } from './consumer-types.ts';
import { KafkaJSNonRetriableError } from './errors.ts';

const WHOLE = /^-?\d+$/;

function offsetOf(offset: unknown): number {
  const text = String(offset);
  if (WHOLE.test(text)) return Number(text);
  throw new KafkaJSNonRetriableError(`Invalid offset, expected a long received ${offset}`);
}

export function requireRunning<T>(running: T | null): T {
  if (running !== null) return running;
  const what = 'Consumer group was not initialized, consumer#run must be called first';
  throw new KafkaJSNonRetriableError(what);
}

function checkPlace(topic: unknown, partition: unknown): void {
  if (!topic) throw new KafkaJSNonRetriableError(`Invalid topic ${topic}`);
  if (Number.isNaN(Number(partition)) || partition === undefined) {
    const what = `Invalid partition, expected a number received ${partition}`;
    throw new KafkaJSNonRetriableError(what);
  }
}

/** The offset of a seek; the two special ones are the ends of the log. */
export function seekOffset(topic: unknown, partition: unknown, offset: unknown): number {
  checkPlace(topic, partition);
  const wanted = offsetOf(offset);
  if (wanted < 0 && wanted !== END.EARLIEST && wanted !== END.LATEST) {
    throw new KafkaJSNonRetriableError('Offset must not be a negative number');
  }
  return wanted;
}

export function checkCommit({
  topic,
  partition,
  offset,
  metadata,
}: TopicPartitionOffsetAndMetadata) {
  checkPlace(topic, partition);
  if (offsetOf(offset) < 0) {
    throw new KafkaJSNonRetriableError('Offset must not be a negative number');
  }
  if (metadata !== undefined && metadata !== null && typeof metadata !== 'string') {
    const what = 'Invalid offset metadata, expected string or null, received';
    throw new KafkaJSNonRetriableError(`${what} ${metadata}`);
  }
}

type Selection = readonly { topic: string; partitions?: number[] }[];

export function checkSelection(selection: Selection, verb: 'pause' | 'resume'): void {
  for (const each of selection) {
    if (!each?.topic) {
      throw new KafkaJSNonRetriableError(`Invalid topic ${each?.topic || each}`);
    }
    const { partitions } = each as { partitions?: unknown };
    if (partitions === undefined) continue;
    if (Array.isArray(partitions) && !partitions.some((one) => Number.isNaN(Number(one)))) continue;
    const what = `Array of valid partitions required to ${verb} specific partitions`;
    throw new KafkaJSNonRetriableError(`${what} instead of ${partitions}`);
  }
}

/** The topics that a subscription names, as it names them. */
export function subscribedTopics(subscription: object): (string | RegExp)[] {
  const { topic, topics } = subscription as { topic?: string | RegExp; topics?: unknown };
  if (!topic && !topics) throw new KafkaJSNonRetriableError('Missing required argument "topics"');
  if (topics !== undefined && topics !== null && !Array.isArray(topics)) {
    throw new KafkaJSNonRetriableError('Argument "topics" must be an array');
  }
  const wanted = (topics ?? [topic]) as (string | RegExp)[];
  for (const each of wanted) {
    if (typeof each === 'string' || each instanceof RegExp) continue;
    const what = `Invalid topic ${each} (${typeof each}), the topic name has to be a String`;
    throw new KafkaJSNonRetriableError(`${what} or a RegExp`);
  }
  return wanted;
}
