import type { RecordOrigin } from '../topology/record-origin.ts';
import type { HeldOffset } from './held-offsets.ts';
import type { ProcessorNode } from './processor-node.ts';

/** How many steps a work makes before others have their turn. */
const STEPS_A_TURN = 4_096;

/** The rest of what one record leads to. */
interface LongWork {
  readonly node: ProcessorNode;
  readonly step: () => boolean;
  readonly origin: RecordOrigin;
  /** Keeps its record from being committed before the work is done. */
  readonly held: HeldOffset | null;
}

/** What long works ask of their task. */
export interface WorkHost {
  hasRoom(): boolean;
  hold(): HeldOffset | null;
  /** Runs what comes of a record that was kept. */
  settling(held: HeldOffset | null, run: () => void): void;
}

/** What single records lead to, where it is too much for one turn. One work follows the other. */
export class LongWorks {
  readonly #host: WorkHost;
  readonly #works: LongWork[] = [];

  constructor(host: WorkHost) {
    this.#host = host;
  }

  get count(): number {
    return this.#works.length;
  }

  /** The names of the nodes that are at work. */
  get nodes(): string[] {
    return this.#works.map(({ node }) => node.node);
  }

  /** Makes the first steps at once. */
  begin(node: ProcessorNode, step: () => boolean): void {
    if (this.#isDone(step)) return;
    const { topic, partition, offset, timestamp, headers } = node;
    const origin = { topic, partition, offset, timestamp, headers };
    this.#works.push({ node, step, origin, held: this.#host.hold() });
  }

  /** Makes the next steps. */
  goOn(): void {
    const [work] = this.#works;
    if (work === undefined) return;
    const { node, step, origin, held } = work;
    let isOver = true;
    this.#host.settling(held, () => {
      node.withOrigin(origin, () => {
        node.guarded(() => {
          isOver = this.#isDone(step);
        });
      });
    });
    if (!isOver) return;
    this.#works.splice(this.#works.indexOf(work), 1);
    held?.partition.release(held.offset);
  }

  /** What is not done comes again with its record. */
  clear(): void {
    for (const { held } of this.#works.splice(0)) held?.partition.release(held.offset);
  }

  #isDone(step: () => boolean): boolean {
    for (let left = STEPS_A_TURN; left > 0 && this.#host.hasRoom(); left--) {
      if (!step()) return true;
    }
    return false;
  }
}
