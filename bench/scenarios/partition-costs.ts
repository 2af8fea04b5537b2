/** What partitions cost that nobody uses. */
import type { LineScenario } from '../harness/line-scenario.ts';

export const PARTITION_COSTS: LineScenario = {
  name: 'partition-costs',
  title: '1 to 10,000 idle partitions: making them, memory, start',
  lines: [1, 100, 1_000, 10_000].map((count) => `partitions --partitions ${count}`),
};
