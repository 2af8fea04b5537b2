/** As many producers as partitions, with a connection each, in one process. */
import type { LineScenario } from '../harness/line-scenario.ts';

export const PRODUCER_COUNTS: LineScenario = {
  name: 'producer-counts',
  title: '1 to 64 producers, each writes to all of 4 partitions',
  lines: [1, 4, 16, 64].map((count) => `produce --producers ${count} --partitions 4`),
};
