/** Partitions by topic id and number. */
export class PartitionTable<T> {
  readonly #topics = new Map<string, Map<number, T>>();
  size = 0;

  get(topicId: string, index: number): T | undefined {
    return this.#topics.get(topicId)?.get(index);
  }

  set(topicId: string, index: number, value: T): void {
    let topic = this.#topics.get(topicId);
    if (topic === undefined) {
      topic = new Map();
      this.#topics.set(topicId, topic);
    }
    if (!topic.has(index)) this.size++;
    topic.set(index, value);
  }

  delete(topicId: string, index: number): void {
    const topic = this.#topics.get(topicId);
    if (topic?.delete(index) !== true) return;
    this.size--;
    if (topic.size === 0) this.#topics.delete(topicId);
  }

  *values(): IterableIterator<T> {
    for (const topic of this.#topics.values()) yield* topic.values();
  }
}
