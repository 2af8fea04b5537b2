/** What a state of the matcher does. */
export const OP = {
  /** Takes a character that is in set `arg`. */
  set: 0,
  /** Goes on at `arg` and at `out`. */
  split: 1,
  /** Goes on where assertion `arg` holds. */
  assert: 2,
  accept: 3,
} as const;

export const ASSERTION = { begin: 0, end: 1, wordEdge: 2, noWordEdge: 3, nothing: 4 } as const;

/** The characters of topic names are ASCII, and so are the sets: one byte a character. */
export type CharSet = Uint8Array;
export const ASCII_SIZE = 128;

/** States in parallel arrays. */
export interface Program {
  readonly ops: readonly number[];
  readonly args: readonly number[];
  readonly outs: readonly number[];
  readonly sets: readonly CharSet[];
  readonly start: number;
}

/** An expression in the form that states are made of. */
export type Node =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'assert'; readonly assertion: number }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

export function setOf(...ranges: readonly (readonly [string, string])[]): CharSet {
  const set = new Uint8Array(ASCII_SIZE);
  for (const [first, last] of ranges) {
    set.fill(1, first.charCodeAt(0), last.charCodeAt(0) + 1);
  }
  return set;
}

export function inverted(set: CharSet): CharSet {
  return set.map((bit) => 1 - bit);
}

export function addAll(target: CharSet, source: CharSet): void {
  for (let code = 0; code < ASCII_SIZE; code++) if (source[code] === 1) target[code] = 1;
}

/** Adds to each letter its other case. */
export function foldCase(set: CharSet): CharSet {
  const folded = set.slice();
  for (let upper = 65; upper <= 90; upper++) {
    if (set[upper] === 1 || set[upper + 32] === 1) folded[upper] = folded[upper + 32] = 1;
  }
  return folded;
}
