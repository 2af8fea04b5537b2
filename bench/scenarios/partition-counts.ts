/** One producer over more and more partitions, flat out. */
import type { LineScenario } from '../harness/line-scenario.ts';

export const PARTITION_COUNTS: LineScenario = {
  name: 'partition-counts',
  title: 'one producer, 1 to 64 partitions',
  lines: [1, 4, 16, 64].map((count) => `produce --partitions ${count}`),
};
