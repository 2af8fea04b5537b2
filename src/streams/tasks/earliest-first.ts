/** What has a time by which it is ordered. */
export interface Timed {
  readonly time: number;
}

/**
 * A binary heap, the earliest first. Entries of one time come in the order of Java's PriorityQueue,
 * because the order of a task's records and punctuations must be that of Kafka Streams.
 */
export class EarliestFirst<T extends Timed> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest, which stays; undefined where there is none. */
  peek(): T | undefined {
    return this.#heap[0];
  }

  push(entry: T): void {
    const heap = this.#heap;
    const { time } = entry;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = heap[parent]!;
      if (time >= above.time) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the earliest out. */
  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return first;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #sink(entry: T): void {
    const heap = this.#heap;
    const { length } = heap;
    const { time } = entry;
    const half = length >>> 1;
    let at = 0;
    while (at < half) {
      let child = 2 * at + 1;
      const right = child + 1;
      if (right < length && heap[child]!.time > heap[right]!.time) child = right;
      const below = heap[child]!;
      if (time <= below.time) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = entry;
  }
}
