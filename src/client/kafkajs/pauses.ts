import type { TopicPartition } from '../topic-partition.ts';

interface TopicPauses {
  isAll: boolean;
  readonly paused: Set<number>;
  readonly resumed: Set<number>;
}

type Selection = readonly { readonly topic: string; readonly partitions?: readonly number[] }[];

/** Which partitions are paused, also those that are not assigned now. */
export class Pauses {
  readonly #topics = new Map<string, TopicPauses>();

  pause(selection: Selection): void {
    for (const { topic, partitions } of selection) {
      const pauses = this.#of(topic);
      if (partitions === undefined) {
        pauses.paused.clear();
        pauses.resumed.clear();
        pauses.isAll = true;
        continue;
      }
      for (const partition of partitions) {
        pauses.paused.add(partition);
        pauses.resumed.delete(partition);
      }
      pauses.isAll = false;
    }
  }

  resume(selection: Selection): void {
    for (const { topic, partitions } of selection) {
      const pauses = this.#of(topic);
      if (partitions === undefined) {
        pauses.paused.clear();
        pauses.resumed.clear();
        pauses.isAll = false;
        continue;
      }
      for (const partition of partitions) {
        pauses.paused.delete(partition);
        if (pauses.isAll) pauses.resumed.add(partition);
      }
    }
  }

  isPaused({ topic, partition }: TopicPartition): boolean {
    const pauses = this.#topics.get(topic);
    if (pauses === undefined) return false;
    return (pauses.isAll && !pauses.resumed.has(partition)) || pauses.paused.has(partition);
  }

  #of(topic: string): TopicPauses {
    let pauses = this.#topics.get(topic);
    if (pauses === undefined) {
      pauses = { isAll: false, paused: new Set(), resumed: new Set() };
      this.#topics.set(topic, pauses);
    }
    return pauses;
  }
}
