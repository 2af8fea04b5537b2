/** What an fdatasync before each answer costs, for one who waits and for many who share it. */
import type { LineScenario } from '../harness/line-scenario.ts';

const lines = [1, 64, 1_024].flatMap((awaited) =>
  ['os', 'group'].map(
    (durability) => `produce --acks all --linger 0 --awaited ${awaited} --durability ${durability}`,
  ),
);

export const DURABILITY: LineScenario = {
  name: 'durability',
  title: 'durability `os` and `group`, 1 to 1,024 sends awaited at a time',
  lines,
};
