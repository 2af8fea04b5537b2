/** Records go out in batches of 16 KB, and the leader acknowledges them. */
import type { TableScenario } from './table-scenario.ts';

export const ASYNC_BATCH: TableScenario = {
  name: 'async-batch',
  title: 'async batch (16 KB)',
  held: 'produce --acks 1 --linger 5 --batch-size 16KB',
  flat: 'produce --acks 1 --linger 5 --batch-size 16KB',
  rate: 500_000,
  p99Ms: 5,
  memoryMib: 64,
  cpuPercent: 30,
};
