/** Reasons that mean: the record came too late. */
const LATE = /^late-/;

/** Records of one node that were left out. */
export interface DroppedAt {
  /** Those that came too late. */
  late: number;
  /** All, the late ones among them. */
  all: number;
}

const NONE: DroppedAt = { late: 0, all: 0 };

/** Counts records that were left out, by task and node. */
export class DroppedRecords {
  readonly #counts = new Map<string, Map<string, DroppedAt>>();

  add(task: string, node: string, reason: string): void {
    let nodes = this.#counts.get(task);
    if (nodes === undefined) {
      nodes = new Map();
      this.#counts.set(task, nodes);
    }
    let counts = nodes.get(node);
    if (counts === undefined) {
      counts = { ...NONE };
      nodes.set(node, counts);
    }
    counts.all++;
    if (LATE.test(reason)) counts.late++;
  }

  at(task: string, node: string): Readonly<DroppedAt> {
    return this.#counts.get(task)?.get(node) ?? NONE;
  }

  /** Of all nodes of a task. */
  of(task: string): Readonly<DroppedAt> {
    const sum = { ...NONE };
    for (const { late, all } of this.#counts.get(task)?.values() ?? []) {
      sum.late += late;
      sum.all += all;
    }
    return sum;
  }

  /** The task has left. */
  forget(task: string): void {
    this.#counts.delete(task);
  }
}
