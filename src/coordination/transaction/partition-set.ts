/** Partitions by topic. No topic in it is without a partition. */
export class PartitionSet {
  readonly #topics = new Map<string, Set<number>>();

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  topics(): Iterable<readonly [topic: string, partitions: ReadonlySet<number>]> {
    return this.#topics;
  }

  has(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.has(partition) ?? false;
  }

  add(topic: string, partition: number): void {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, new Set([partition]));
    else partitions.add(partition);
  }

  delete(topic: string, partition: number): void {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) return;
    partitions.delete(partition);
    if (partitions.size === 0) this.#topics.delete(topic);
  }

  clear(): void {
    this.#topics.clear();
  }
}
