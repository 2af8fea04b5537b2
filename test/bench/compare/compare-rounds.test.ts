import { describe, expect, it } from 'vitest';
import { compareRounds, type Verdict } from '../../../bench/compare/compare-rounds.ts';
import { COMPARED_FIGURES } from '../../../bench/compare/compared-figures.ts';

const figureOf = (title: string) => COMPARED_FIGURES.find((each) => each.title.startsWith(title))!;
const RATE = figureOf('flat out, 100 B');
const P99 = figureOf('p99');

function verdictOf(figure: typeof RATE, before: number[], after: number[]): Verdict | undefined {
  return compareRounds(figure, before, after)?.verdict;
}

describe('two runs beside each other', () => {
  it('takes a loss for confirmed that three pairs show and that is larger than their spread', () => {
    expect(verdictOf(RATE, [100, 104, 98], [80, 82, 79])).toBe('lost');
    expect(verdictOf(RATE, [80, 82, 79], [100, 104, 98])).toBe('gained');
    expect(verdictOf(P99, [4, 4.2, 4.1], [9, 8.5, 8.7])).toBe('lost');
  });

  it('confirms nothing by fewer rounds, or where one pair says otherwise', () => {
    expect(verdictOf(RATE, [100], [50])).toBe('perhaps lost');
    expect(verdictOf(RATE, [100, 101], [50, 51])).toBe('perhaps lost');
    expect(verdictOf(RATE, [100, 101, 60], [70, 71, 65])).toBe('perhaps lost');
  });

  it('confirms nothing that is smaller than the rounds of one side lie apart', () => {
    expect(verdictOf(RATE, [100, 130, 95], [75, 76, 77])).toBe('perhaps lost');
  });

  it('takes small changes for none, and small times as well', () => {
    expect(verdictOf(RATE, [100, 100, 100], [93, 93, 93])).toBe('same');
    expect(verdictOf(P99, [0.5, 0.5, 0.5], [0.9, 0.9, 0.9])).toBe('same');
  });

  it('compares what both have rounds of, and nothing where one has none', () => {
    expect(compareRounds(RATE, [100, 100, 100], [100])).toMatchObject({ pairs: 1, noise: 0 });
    expect(compareRounds(RATE, [], [100])).toBeUndefined();
  });
});
