type Producers = Set<number>;
type Partitions = Map<number, Producers>;

/**
 * The producers with a pending offset, by group, topic and partition. Readers of stable offsets
 * look here, so that their cost does not grow with the number of open transactions. No level of
 * the map is ever empty.
 */
export class OpenTransactions {
  readonly #groups = new Map<string, Map<string, Partitions>>();

  add(groupId: string, topic: string, partition: number, producerId: number): void {
    let topics = this.#groups.get(groupId);
    if (topics === undefined) {
      topics = new Map();
      this.#groups.set(groupId, topics);
    }
    let partitions = topics.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      topics.set(topic, partitions);
    }
    const producers = partitions.get(partition);
    if (producers === undefined) partitions.set(partition, new Set([producerId]));
    else producers.add(producerId);
  }

  remove(groupId: string, topic: string, partition: number, producerId: number): void {
    const producers = this.producersOf(groupId, topic, partition);
    if (producers === undefined) return;
    producers.delete(producerId);
    if (producers.size === 0) this.clear(groupId, topic, partition);
  }

  clear(groupId: string, topic: string, partition: number): void {
    const topics = this.#groups.get(groupId);
    const partitions = topics?.get(topic);
    if (topics === undefined || partitions === undefined) return;
    partitions.delete(partition);
    if (partitions.size === 0) topics.delete(topic);
    if (topics.size === 0) this.#groups.delete(groupId);
  }

  producersOf(groupId: string, topic: string, partition: number): Producers | undefined {
    return this.#groups.get(groupId)?.get(topic)?.get(partition);
  }

  /** The partitions of the group that have a pending offset, and whose it is. */
  *ofGroup(
    groupId: string,
  ): Iterable<{ topic: string; partition: number; producers: ReadonlySet<number> }> {
    for (const [topic, partitions] of this.#groups.get(groupId) ?? []) {
      for (const [partition, producers] of partitions) yield { topic, partition, producers };
    }
  }

  hasGroup(groupId: string): boolean {
    return this.#groups.has(groupId);
  }
}
