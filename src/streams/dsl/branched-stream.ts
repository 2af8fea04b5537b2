import { checkedName } from '../topology/node-name.ts';
import { TopologyError } from '../topology/topology-error.ts';
import type { Callback } from './callbacks.ts';
import { ProcessorNode } from './graph/processor-node.ts';
import type { Known } from './known.ts';
import { KStream } from './kstream.ts';
import { operatorName } from './operator-name.ts';
import { stateless } from './processors/stateless.ts';
import type { StreamParts } from './stream-parts.ts';

/** Of a branch. */
export interface BranchOptions<K, V, H extends Known> {
  /** Behind the split's name; by default the branch's number, 0 for the default branch. */
  readonly name?: string | undefined;
  /** Goes on with the branch where it stands. What it returns is the branch in the result. */
  readonly into?: ((branch: KStream<K, V, H>) => KStream<K, V, H> | undefined) | undefined;
}

/** A stream that is being split: each record goes to the first branch whose predicate takes it. */
export class BranchedStream<K, V, H extends Known> {
  readonly #parts: StreamParts;
  readonly #name: string;
  readonly #node: ProcessorNode;
  readonly #predicates: Callback<K, V, boolean>[] = [];
  readonly #children: string[] = [];
  readonly #branches = new Map<string, KStream<K, V, H>>();
  #isEnded = false;

  /** @internal */
  constructor(parts: StreamParts, name: string | undefined) {
    this.#parts = parts;
    this.#name = operatorName(parts.graph, name, 'KSTREAM-BRANCH-');
    // The lists still grow; processors are made of them later.
    const maker = stateless.branch(this.#predicates, this.#children);
    this.#node = new ProcessorNode(this.#name, maker);
    parts.graph.add(parts.node, this.#node);
  }

  /** A branch for the records that this predicate takes, and none before it. */
  branch(predicate: Callback<K, V, boolean>, options: BranchOptions<K, V, H> = {}): this {
    if (this.#isEnded) throw new TopologyError(`${this.#name} has its default branch already.`);
    this.#predicates.push(predicate);
    this.#add(this.#predicates.length, options);
    return this;
  }

  /** A branch for all other records. Returns all branches by their names. */
  defaultBranch(options: BranchOptions<K, V, H> = {}): ReadonlyMap<string, KStream<K, V, H>> {
    this.#isEnded = true;
    this.#add(0, options);
    return this.#branches;
  }

  /** Other records are dropped. Returns all branches by their names. */
  noDefaultBranch(): ReadonlyMap<string, KStream<K, V, H>> {
    this.#isEnded = true;
    return this.#branches;
  }

  #add(index: number, { name, into }: BranchOptions<K, V, H>): void {
    const { graph } = this.#parts;
    const child = checkedName(this.#name + (name ?? index));
    this.#children.push(child);
    graph.newName(child);
    const node = new ProcessorNode(child, stateless.passThrough());
    graph.add(this.#node, node);
    const branch = new KStream<K, V, H>({ ...this.#parts, node, name: child });
    const result = into === undefined ? branch : into(branch);
    if (result !== undefined) this.#branches.set(child, result);
  }
}
