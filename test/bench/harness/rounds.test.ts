import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isDisturbed, spreadOf, takeRounds } from '../../../bench/harness/rounds.ts';

const QUIET = { seconds: 1, otherCpuSeconds: 0 };
const NOISY = { seconds: 1, otherCpuSeconds: 0.5 * availableParallelism() };

/** Takes turns with these figures, one after the other, and keeps who took them. */
function script(figures: readonly Record<string, number>[]) {
  const taken: string[] = [];
  const take = async (name: string) => {
    const each = figures[taken.length]!;
    taken.push(name);
    return { figures: each, result: taken.length };
  };
  return { taken, take };
}

describe('rounds', () => {
  it('take turns A B, then B A', async () => {
    const { taken, take } = script(Array.from({ length: 4 }, () => QUIET));
    await takeRounds(['A', 'B'], 2, 1, take);
    expect(taken).toEqual(['A', 'B', 'B', 'A']);
  });

  it('are repeated where others took the processors, and say so', async () => {
    const { take } = script([QUIET, NOISY, QUIET, QUIET]);
    const { kept, voided, disturbed } = await takeRounds(['A', 'B'], 1, 1, take);
    expect([voided, disturbed]).toEqual([1, 0]);
    expect(kept.get('B')!.map(({ result }) => result)).toEqual([3]);
    expect(kept.get('A')!.map(({ result }) => result)).toEqual([4]);
  });

  it('are kept as disturbed when none may be repeated any more', async () => {
    const { take } = script([NOISY, NOISY]);
    const { kept, voided, disturbed } = await takeRounds(['A'], 1, 1, take);
    expect([voided, disturbed, kept.get('A')!.length]).toEqual([1, 1, 1]);
  });

  it('of which nothing is known of others count as quiet', () => {
    expect(isDisturbed({ startMs: 5 })).toBe(false);
    expect(isDisturbed(NOISY)).toBe(true);
  });

  it('tell how far they lie apart', () => {
    const spread = spreadOf([{ rate: 90 }, { rate: 110 }, { rate: 100 }]);
    expect(spread.rate).toBeCloseTo(0.2);
  });
});
