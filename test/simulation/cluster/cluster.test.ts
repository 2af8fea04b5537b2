import { describe, expect, it } from 'vitest';
import { hashesOf, simulate } from '../simulate.ts';

const SEEDS = Number(process.env.MILLRACE_SIMULATION_CLUSTER_SEEDS ?? 100);
const FIRST_SEED = Number(process.env.MILLRACE_SIMULATION_SEED ?? 20261130);
const CLUSTER = ['--nodes', '3'];

describe('a simulated cluster', () => {
  it(`keeps its promises in ${SEEDS} runs`, async () => {
    const words = ['--seed', String(FIRST_SEED), '--seeds', String(SEEDS)];
    const { code, text } = await simulate(...CLUSTER, ...words);
    expect(code, text).toBe(0);
    const figures = JSON.parse(text.trim().split('\n').at(-1)!);
    expect(figures.seeds).toBe(SEEDS);
    expect(figures.acknowledged).toBeGreaterThan(SEEDS * 40);
    expect(figures.compared).toBeGreaterThanOrEqual(SEEDS);
    const causes = ['kill', 'die', 'stop', 'pause', 'cut', 'isolate', 'takeOver', 'break'];
    for (const cause of [...causes, 'clock', 'elect', 'power']) {
      expect(figures[cause], cause).toBeGreaterThan(0);
    }
  }, 300_000);

  it('has the same history when a seed is run again', async () => {
    const words = [...CLUSTER, '--seed', '77', '--seeds', '8', '--hash'];
    const [one, other] = await Promise.all([simulate(...words), simulate(...words)]);
    expect(hashesOf(one)).toHaveLength(8);
    expect(hashesOf(other)).toEqual(hashesOf(one));
  });
});

describe('a cluster that is broken on purpose', () => {
  const LOST = /lost|gone|went from|differ|is refused with (1|45)|was (read|acknowledged) where/;
  const sabotages = [
    ['early-answers', LOST],
    ['forgetful-producers', /doubled|stands behind/],
    ['kept-tails', /differ|stuck|was (read|acknowledged) where/],
    ['cuts-to-high-watermark', LOST],
  ] as const;

  it.each(sabotages)(
    'is found within 100 runs: %s',
    async (name, reason) => {
      const sabotage = [...CLUSTER, '--sabotage', name];
      const found = await simulate(...sabotage, '--seed', '1', '--seeds', '100');
      expect(found.code, found.text).toBe(1);
      const [, seed, why] = /^seed (\d+): (.*)$/m.exec(found.text)!;
      expect(why).toMatch(reason);
      const command = `--nodes 3 --sabotage ${name} --seed ${seed}`;
      expect(found.text).toContain(`again: npm run simulate -- ${command}`);
    },
    180_000,
  );
});
