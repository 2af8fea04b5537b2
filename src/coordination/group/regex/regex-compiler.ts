import { RegexParser } from './regex-parser.ts';
import type { CharSet, Node, Program } from './regex-program.ts';
import { ASSERTION, OP } from './regex-program.ts';

/** Repetitions are written out, so that the number of states has to have a limit. */
const MAX_STATES = 20_000;

/** Turns an expression into states, from its end to its beginning: each knows what follows it. */
export class RegexCompiler {
  readonly #root: Node;
  readonly #ops: number[] = [];
  readonly #args: number[] = [];
  readonly #outs: number[] = [];
  readonly #sets: CharSet[] = [];

  constructor(source: string) {
    this.#root = new RegexParser(source).parse();
  }

  compile(): Program {
    const accept = this.#state(OP.accept, 0, 0);
    const start = this.#lead(this.#root, accept);
    return {
      ops: this.#ops,
      args: this.#args,
      outs: this.#outs,
      sets: this.#sets,
      start,
    };
  }

  #state(op: number, arg: number, out: number): number {
    if (this.#ops.length >= MAX_STATES) throw new SyntaxError('expression is too large');
    this.#ops.push(op);
    this.#args.push(arg);
    this.#outs.push(out);
    return this.#ops.length - 1;
  }

  /** Makes the states of a node that go on at `out`, and gives the first. */
  #lead(node: Node, out: number): number {
    switch (node.kind) {
      case 'set':
        this.#sets.push(node.set);
        return this.#state(OP.set, this.#sets.length - 1, out);
      case 'assert':
        return this.#state(OP.assert, node.assertion, out);
      case 'sequence':
        return node.parts.reduceRight((next, part) => this.#lead(part, next), out);
      case 'choice':
        return node.parts
          .map((part) => this.#lead(part, out))
          .reduceRight((rest, first) => this.#state(OP.split, first, rest));
      case 'repeat':
        return this.#leadRepeat(node.part, node.least, node.most, out);
    }
  }

  #leadRepeat(part: Node, least: number, most: number, out: number): number {
    let next = out;
    if (most === Number.POSITIVE_INFINITY) {
      const loop = this.#state(OP.split, 0, out);
      this.#args[loop] = this.#lead(part, loop);
      next = loop;
    } else {
      for (let i = least; i < most; i++) {
        next = this.#state(OP.split, this.#lead(part, next), out);
      }
    }
    for (let i = 0; i < least; i++) next = this.#lead(part, next);
    // What repeats zero times still takes a state, so that nesting cannot make work out of nothing.
    return most === 0 ? this.#state(OP.assert, ASSERTION.nothing, next) : next;
  }
}
