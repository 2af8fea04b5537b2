import { describe, expect, it } from 'vitest';
import { hashesOf, simulate } from './simulate.ts';

/** About 45 ms each, so that a few fit into the time that `npm test` has. */
const SEEDS = Number(process.env.MILLRACE_SIMULATION_SEEDS ?? 200);
const FIRST_SEED = Number(process.env.MILLRACE_SIMULATION_SEED ?? 20261130);

describe('the simulated broker', () => {
  it(`keeps its promises in ${SEEDS} runs`, async () => {
    const words = ['--seed', String(FIRST_SEED), '--seeds', String(SEEDS)];
    const { code, text } = await simulate(...words);
    expect(code, text).toBe(0);
    const figures = JSON.parse(text.trim().split('\n').at(-1)!);
    expect(figures.seeds).toBe(SEEDS);
    expect(figures.acknowledged).toBeGreaterThan(SEEDS * 20);
    expect(figures.gathered).toBeGreaterThan(SEEDS);
    expect(figures['half-gathered']).toBeGreaterThan(0);
    expect(figures.commits).toBeGreaterThan(SEEDS / 4);
    expect(figures.deleted).toBeGreaterThan(SEEDS / 4);
    expect(figures.transactions).toBeGreaterThan(SEEDS);
    expect(figures.aborted).toBeGreaterThan(SEEDS / 2);
    for (const cause of ['kill', 'die', 'stop', 'power', 'fail', 'full', 'descriptors', 'clock']) {
      expect(figures[cause], cause).toBeGreaterThan(0);
    }
  }, 300_000);

  it('has the same history when a seed is run again', async () => {
    const words = ['--seed', '77', '--seeds', '12', '--hash'];
    const [one, other] = await Promise.all([simulate(...words), simulate(...words)]);
    expect(hashesOf(one)).toHaveLength(12);
    expect(hashesOf(other)).toEqual(hashesOf(one));
  });
});

describe('a broker that is broken on purpose', () => {
  const sabotages = [
    ['lost-bytes', /lost|refused|hole|offline|no record batch/],
    ['short-gathered-writes', /lost|refused|hole|offline|no record batch/],
    ['forgetful-producers', /doubled|stands behind/],
    ['lying-syncs', /lost|gone|refused/],
    ['swallowed-sync-errors', /lost|gone|refused|went from|was acknowledged/],
    ['unsynced-names', /lost|gone|refused/],
    ['free-partitions', /while .* owns it/],
    ['forgotten-commits', /committed .*, is told/],
    ['inclusive-stable-offset', /was read, its transaction is open/],
    ['lost-markers', /stuck|lost|stood at/],
    ['wrong-markers', /torn|lost|was read/],
    ['untold-aborts', /was read, its transaction is (open|aborted)/],
    ['early-aborts', /was passed over/],
    ['early-offsets', /which no transaction committed/],
    ['unfenced-producers', /is refused with|was committed|was read/],
  ] as const;

  it.each(sabotages)(
    'is found within 200 runs: %s',
    async (name, reason) => {
      const found = await simulate('--seed', '1', '--seeds', '200', '--sabotage', name);
      expect(found.code, found.text).toBe(1);
      const [, seed, why] = /^seed (\d+): (.*)$/m.exec(found.text)!;
      expect(why).toMatch(reason);
      expect(found.text).toContain(`again: npm run simulate -- --sabotage ${name} --seed ${seed}`);
      const again = await simulate('--seed', seed!, '--sabotage', name);
      expect(again.text).toContain(`seed ${seed}: ${why}`);
    },
    180_000,
  );
});
