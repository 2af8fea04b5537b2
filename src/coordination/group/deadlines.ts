/** Something that happens at a given time. Its owner keeps it and moves it with `Deadlines`. */
export class Deadline {
  readonly fire: () => void;
  dueMs = Number.POSITIVE_INFINITY;
  /** The time under which it lies in the heap; never later than `dueMs`. */
  filedMs = Number.POSITIVE_INFINITY;
  /** Its place in the heap, -1 when it is not there. */
  index = -1;

  constructor(fire: () => void) {
    this.fire = fire;
  }

  get isSet(): boolean {
    return this.dueMs !== Number.POSITIVE_INFINITY;
  }
}

/**
 * A heap of deadlines on monotonic time. A move to a later time only notes that time, and the heap
 * changes when the old time is reached. A heartbeat moves its member's deadline later, so a member
 * costs one heap step per session timeout and not one per heartbeat.
 */
export class Deadlines {
  readonly #heap: Deadline[] = [];

  get size(): number {
    return this.#heap.length;
  }

  set(deadline: Deadline, dueMs: number): void {
    deadline.dueMs = dueMs;
    if (deadline.index === -1) {
      deadline.filedMs = dueMs;
      deadline.index = this.#heap.length;
      this.#heap.push(deadline);
      this.#siftUp(deadline.index);
    } else if (dueMs < deadline.filedMs) {
      deadline.filedMs = dueMs;
      this.#siftUp(deadline.index);
    }
  }

  cancel(deadline: Deadline): void {
    deadline.dueMs = Number.POSITIVE_INFINITY;
    if (deadline.index !== -1) this.#remove(deadline);
  }

  /** The time at which the next deadline is due, Infinity where there is none. */
  nextMs(): number {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return Number.POSITIVE_INFINITY;
      if (top.filedMs === top.dueMs) return top.dueMs;
      top.filedMs = top.dueMs;
      this.#siftDown(0);
    }
  }

  /** Takes out one deadline that is due, or gives null. The caller fires it. */
  takeDue(nowMs: number): Deadline | null {
    if (this.nextMs() > nowMs) return null;
    const top = this.#heap[0]!;
    this.cancel(top);
    return top;
  }

  clear(): void {
    for (const deadline of this.#heap) {
      deadline.index = -1;
      deadline.dueMs = Number.POSITIVE_INFINITY;
    }
    this.#heap.length = 0;
  }

  #remove(deadline: Deadline): void {
    const heap = this.#heap;
    const hole = deadline.index;
    const last = heap.pop()!;
    deadline.index = -1;
    if (last === deadline) return;
    heap[hole] = last;
    last.index = hole;
    this.#siftUp(hole);
    this.#siftDown(last.index);
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    const moving = heap[start]!;
    let at = start;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt]!;
      if (parent.filedMs <= moving.filedMs) break;
      heap[at] = parent;
      parent.index = at;
      at = parentAt;
    }
    heap[at] = moving;
    moving.index = at;
  }

  #siftDown(start: number): void {
    const heap = this.#heap;
    const moving = heap[start]!;
    const size = heap.length;
    let at = start;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= size) break;
      if (childAt + 1 < size && heap[childAt + 1]!.filedMs < heap[childAt]!.filedMs) childAt++;
      const child = heap[childAt]!;
      if (child.filedMs >= moving.filedMs) break;
      heap[at] = child;
      child.index = at;
      at = childAt;
    }
    heap[at] = moving;
    moving.index = at;
  }
}
