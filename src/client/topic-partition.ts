export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export function partitionName(at: TopicPartition): string {
  return `${at.topic}-${at.partition}`;
}

/** The order in which partitions are listed. */
export function byPlace(one: TopicPartition, other: TopicPartition): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1;
  return one.partition - other.partition;
}

/** Groups partitions by topic, as requests want them. */
export function byTopic<T extends TopicPartition>(partitions: readonly T[]): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const each of partitions) {
    const list = topics.get(each.topic);
    if (list === undefined) topics.set(each.topic, [each]);
    else list.push(each);
  }
  return topics;
}

/** The topics of a request, each with what it says of its partitions. */
export function inTopics<T extends TopicPartition, Said>(
  partitions: readonly T[],
  say: (at: T) => Said,
): { name: string; partitions: Said[] }[] {
  return Array.from(byTopic(partitions), ([name, list]) => ({ name, partitions: list.map(say) }));
}
