/** Two lists of one figure, taken in pairs of rounds: is there a change, or noise? */
import type { ComparedFigure } from './compared-figures.ts';

/** `perhaps`: a change that noise may have made, or that too few rounds have seen. */
export type Verdict = 'lost' | 'perhaps lost' | 'same' | 'perhaps gained' | 'gained';

export interface RoundsCompared {
  readonly before: number;
  readonly after: number;
  /** Of the middle ones, as a share of the earlier. */
  readonly change: number;
  /** How far the rounds of either side lie apart, as a share of the earlier. */
  readonly noise: number;
  readonly pairs: number;
  readonly verdict: Verdict;
}

/** So many rounds, paired, confirm a change. */
const PAIRS_LEAST = 3;

/**
 * A change is confirmed where each pair shows it, and it is larger than the rounds of either side
 * lie apart. Three pairs alone agree by chance in one case of eight; the second rule makes it rarer.
 */
export function compareRounds(
  figure: ComparedFigure,
  allBefore: readonly number[],
  allAfter: readonly number[],
): RoundsCompared | undefined {
  const pairs = Math.min(allBefore.length, allAfter.length);
  if (pairs === 0) return undefined;
  const beforeRounds = allBefore.slice(0, pairs);
  const afterRounds = allAfter.slice(0, pairs);
  const before = middleOf(beforeRounds);
  const after = middleOf(afterRounds);
  const apart = Math.max(rangeOf(beforeRounds), rangeOf(afterRounds));
  const sign = figure.better === 'more' ? -1 : 1;
  const worse = sign * (after - before);
  const facts = { before, after, change: (after - before) / before, noise: apart / before, pairs };
  if (Math.abs(worse) <= Math.max(figure.leastShare * before, figure.least)) {
    return { ...facts, verdict: 'same' };
  }
  const isEachPair = beforeRounds.every((value, i) => worse * sign * (afterRounds[i]! - value) > 0);
  const isConfirmed = pairs >= PAIRS_LEAST && isEachPair && Math.abs(worse) > apart;
  const word = worse > 0 ? 'lost' : 'gained';
  return { ...facts, verdict: isConfirmed ? word : `perhaps ${word}` };
}

function middleOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

function rangeOf(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
