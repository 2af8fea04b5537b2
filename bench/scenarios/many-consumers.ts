/** Each group gets everything: the broker sends a record as often as there are groups. */
import type { LineScenario } from '../harness/line-scenario.ts';

export const MANY_CONSUMERS: LineScenario = {
  name: 'many-consumers',
  title: '1 to 64 consumers of one topic that each get everything, 5,000 records a second',
  lines: [1, 4, 16, 64].map(
    (groups) => `e2e --groups ${groups} --rate 5000 --linger 0 --consumer-processes 1`,
  ),
};
