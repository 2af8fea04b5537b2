import { KafkaJSNonRetriableError } from './errors.ts';

export function invalid(what: string): KafkaJSNonRetriableError {
  return new KafkaJSNonRetriableError(what);
}

/** Throws unless the list is one of entries with a topic each, no topic twice. */
export function checkTopicEntries(list: unknown, name: string): void {
  if (!list || !Array.isArray(list)) throw invalid(`Invalid ${name} array ${list}`);
  const topics = list.map((each: { topic?: unknown }) => each.topic);
  if (topics.some((topic) => typeof topic !== 'string')) {
    throw invalid(`Invalid ${name} array, the topic names have to be a valid string`);
  }
  if (new Set(topics).size < topics.length) {
    throw invalid(`Invalid ${name} array, it cannot have multiple entries for the same topic`);
  }
}

export function requireGroupId(groupId: unknown): void {
  if (!groupId) throw invalid(`Invalid groupId ${groupId}`);
}

export function requireTopic(topic: unknown): void {
  if (!topic || typeof topic !== 'string') throw invalid(`Invalid topic ${topic}`);
}

export function requirePartitions(partitions: readonly unknown[] | undefined): void {
  if (!partitions || partitions.length === 0) throw invalid('Invalid partitions');
}

/** Throws unless the value is one of the table's. */
export function requireOneOf(table: object, value: unknown, what: string, of?: unknown): void {
  if (Object.values(table).includes(value)) return;
  const tail = of === undefined ? '' : `: ${JSON.stringify(of)}`;
  throw invalid(`Invalid ${what} ${value}${tail}`);
}
