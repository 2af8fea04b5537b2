import { RegexCompiler } from './regex-compiler.ts';
import type { Program } from './regex-program.ts';
import { ASSERTION, OP } from './regex-program.ts';

/**
 * A regular expression over topic names, in RE2's language. It is matched by walking all states at
 * once, in time linear to the name and the expression: no expression that a client sends can hold
 * the broker up, as it could with the backtracking of JavaScript's own.
 */
export class TopicRegex {
  readonly source: string;
  readonly #program: Program;
  /** States that the current step has reached, as a list and as a set of marks. */
  #current: Int32Array;
  #next: Int32Array;
  readonly #marks: Int32Array;
  #mark = 0;
  readonly #stack: number[] = [];

  /** Throws SyntaxError with the reason where the expression is not valid. */
  constructor(source: string) {
    this.source = source;
    this.#program = new RegexCompiler(source).compile();
    const size = this.#program.ops.length;
    this.#current = new Int32Array(size);
    this.#next = new Int32Array(size);
    this.#marks = new Int32Array(size);
  }

  /** Whether the whole name matches. */
  matches(name: string): boolean {
    let count = this.#reach(this.#current, 0, this.#program.start, name, 0);
    for (let at = 0; at < name.length && count > 0; at++) {
      count = this.#step(name, at, count);
    }
    for (let i = 0; i < count; i++) {
      if (this.#program.ops[this.#current[i]!] === OP.accept) return true;
    }
    return false;
  }

  /** Takes one character and gives the number of states that it leads to. */
  #step(name: string, at: number, count: number): number {
    const { ops, args, outs, sets } = this.#program;
    const code = name.charCodeAt(at);
    const current = this.#current;
    const next = this.#next;
    let reached = 0;
    this.#mark = (this.#mark + 1) | 0;
    for (let i = 0; i < count; i++) {
      const state = current[i]!;
      if (ops[state] !== OP.set || code > 127 || sets[args[state]!]![code] === 0) continue;
      reached = this.#add(next, reached, outs[state]!, name, at + 1);
    }
    this.#current = next;
    this.#next = current;
    return reached;
  }

  #reach(list: Int32Array, count: number, start: number, name: string, at: number): number {
    this.#mark = (this.#mark + 1) | 0;
    return this.#add(list, count, start, name, at);
  }

  /** Adds a state and all that follow it without taking a character. */
  #add(list: Int32Array, count: number, start: number, name: string, at: number): number {
    const { ops, args, outs } = this.#program;
    const stack = this.#stack;
    let added = count;
    stack.push(start);
    while (stack.length > 0) {
      const state = stack.pop()!;
      if (this.#marks[state] === this.#mark) continue;
      this.#marks[state] = this.#mark;
      switch (ops[state]) {
        case OP.split:
          stack.push(args[state]!, outs[state]!);
          break;
        case OP.assert:
          if (holds(args[state]!, name, at)) stack.push(outs[state]!);
          break;
        default:
          list[added++] = state;
      }
    }
    return added;
  }
}

function holds(assertion: number, name: string, at: number): boolean {
  switch (assertion) {
    case ASSERTION.begin:
      return at === 0;
    case ASSERTION.end:
      return at === name.length;
    case ASSERTION.nothing:
      return true;
    default: {
      const isEdge = isWord(name, at - 1) !== isWord(name, at);
      return (assertion === ASSERTION.wordEdge) === isEdge;
    }
  }
}

function isWord(name: string, at: number): boolean {
  return at >= 0 && at < name.length && /[0-9A-Za-z_]/.test(name[at]!);
}
