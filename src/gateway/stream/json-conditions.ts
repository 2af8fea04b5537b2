import { isDeepStrictEqual } from 'node:util';
import { JsonName } from './json-name.ts';
import { type JsonSame, jsonSame } from './json-same.ts';
import { JsonScan, NotJson } from './json-scan.ts';

export type PathStep = string | number;

/** A path in a JSON document, and the value that must be there. */
export interface JsonCondition {
  readonly steps: readonly PathStep[];
  readonly wanted: unknown;
}

/**
 * Documents up to this size are parsed. Longer ones are scanned without parsing, which keeps the
 * event loop free.
 */
export const BUILT_BYTES_MAX = 32 * 1024;

const MISSING = Symbol('missing');
const scan = new JsonScan();

/** The conditions that continue at one value. */
interface Fork {
  /** The indexes of the conditions whose path leads to this value or into it. */
  readonly members: number[];
  /** The value that must be here; null if the paths lead further into it. */
  same: JsonSame | null;
  readonly names: { readonly name: JsonName; readonly text: string; readonly fork: Fork }[];
  readonly indexes: Map<number, Fork>;
}

/** Conditions on one document that must all hold. They are checked in one pass. */
export class JsonConditions {
  /** No condition lies within a value that another one compares. */
  readonly #conditions: readonly JsonCondition[];
  readonly #isContradictory: boolean;
  readonly #root = newFork();
  readonly #hold: boolean[];

  constructor(conditions: readonly JsonCondition[]) {
    const outer: JsonCondition[] = [];
    let isContradictory = false;
    const sorted = [...conditions].sort((a, b) => a.steps.length - b.steps.length);
    for (const condition of sorted) {
      const around = outer.find((one) => one.steps.every((step, i) => step === condition.steps[i]));
      if (around === undefined) outer.push(condition);
      else if (!holdsIn(around.wanted, condition, around.steps.length)) isContradictory = true;
    }
    this.#conditions = outer;
    this.#isContradictory = isContradictory;
    this.#hold = outer.map(() => false);
    for (const [number, condition] of outer.entries()) addCondition(this.#root, condition, number);
  }

  /** A document that is not JSON meets no condition. */
  holdIn(bytes: Buffer, start: number, end: number): boolean {
    if (this.#isContradictory) return false;
    try {
      if (end - start > BUILT_BYTES_MAX) return this.#holdInText(bytes, start, end);
      const document = JSON.parse(bytes.toString('utf8', start, end));
      for (const one of this.#conditions) if (!holdsIn(document, one, 0)) return false;
      return true;
    } catch (thrown) {
      if (thrown instanceof SyntaxError || thrown instanceof NotJson) return false;
      throw thrown;
    }
  }

  #holdInText(bytes: Buffer, start: number, end: number): boolean {
    scan.run(bytes, start, end, () => this.#look(this.#root));
    return !this.#hold.includes(false);
  }

  /**
   * Steps over a value and checks its conditions. A key that comes twice counts the last time only.
   */
  #look(fork: Fork): void {
    for (const number of fork.members) this.#hold[number] = false;
    if (fork.same !== null) {
      this.#hold[fork.members[0]!] = fork.same.isNext(scan);
    } else if (fork.names.length > 0 && scan.isObject) {
      scan.members((keyStart, keyEnd) => this.#lookBehind(fork, keyStart, keyEnd));
    } else if (fork.indexes.size > 0 && scan.isList) {
      scan.elements((index) => {
        const next = fork.indexes.get(index);
        if (next === undefined) scan.skip();
        else this.#look(next);
      });
    } else {
      scan.skip();
    }
  }

  #lookBehind({ names }: Fork, keyStart: number, keyEnd: number): void {
    for (let i = 0; i < names.length; i++) {
      if (names[i]!.name.isAt(scan, keyStart, keyEnd)) {
        this.#look(names[i]!.fork);
        return;
      }
    }
    scan.skip();
  }
}

function newFork(): Fork {
  return { members: [], same: null, names: [], indexes: new Map() };
}

function addCondition(root: Fork, { steps, wanted }: JsonCondition, number: number): void {
  let fork = root;
  fork.members.push(number);
  for (const step of steps) {
    fork = next(fork, step);
    fork.members.push(number);
  }
  fork.same = jsonSame(wanted);
}

function next({ names, indexes }: Fork, step: PathStep): Fork {
  const found =
    typeof step === 'number' ? indexes.get(step) : names.find(({ text }) => text === step)?.fork;
  if (found !== undefined) return found;
  const fork = newFork();
  if (typeof step === 'number') indexes.set(step, fork);
  else names.push({ name: new JsonName(step), text: step, fork });
  return fork;
}

function holdsIn(document: unknown, { steps, wanted }: JsonCondition, from: number): boolean {
  let at = document;
  for (let i = from; i < steps.length; i++) at = stepInto(at, steps[i]!);
  return at !== MISSING && isDeepStrictEqual(at, wanted);
}

function stepInto(at: unknown, step: PathStep): unknown {
  if (typeof at !== 'object' || at === null) return MISSING;
  if (Array.isArray(at)) return typeof step === 'number' && step < at.length ? at[step] : MISSING;
  if (typeof step === 'number') return MISSING;
  return Object.hasOwn(at, step) ? (at as Record<string, unknown>)[step] : MISSING;
}
