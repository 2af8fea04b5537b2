/**
 * A heap whose smallest element is taken first. Elements that are equal come out in the order that
 * Java's PriorityQueue gives them, so that ties fall as they do in Kafka.
 */
export class LeastFirst<Element> {
  readonly #load: (element: Element) => number;
  readonly #heap: Element[] = [];

  constructor(load: (element: Element) => number, elements: Iterable<Element> = []) {
    this.#load = load;
    for (const element of elements) this.add(element);
  }

  get size(): number {
    return this.#heap.length;
  }

  add(element: Element): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(element);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt]!;
      if (this.#load(element) >= this.#load(parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = element;
  }

  take(): Element | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length > 0) this.#siftDown(last!);
    return top;
  }

  #siftDown(moving: Element): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      const rightAt = childAt + 1;
      if (rightAt < heap.length && this.#load(heap[childAt]!) > this.#load(heap[rightAt]!)) {
        childAt = rightAt;
      }
      const child = heap[childAt]!;
      if (this.#load(moving) <= this.#load(child)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = moving;
  }
}
