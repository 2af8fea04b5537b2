/** How much the broker gains by larger batches. */
import type { LineScenario } from '../harness/line-scenario.ts';

const SIZES = ['1KB', '4KB', '16KB', '64KB', '256KB', '1MB'];

export const BATCH_SIZES: LineScenario = {
  name: 'batch-sizes',
  title: 'batches of 1 KB to 1 MB',
  lines: SIZES.map((size) => `produce --batch-size ${size}`),
};
