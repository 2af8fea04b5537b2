/** Records go out in batches of 16 KB, and the leader acknowledges them. */
import type { TableScenario } from './table-scenario.ts';

export const ASYNC_BATCH: TableScenario = {
  name: 'async-batch',
  title: 'async batch (16 KB)',
  load: 'enqueue',
  partitions: 1,
  consumers: 0,
  values: 'plain',
  producer: { acks: 1, lingerMs: 5, batchSize: 16_384 },
  rate: 500_000,
  p99Ms: 5,
  memoryMib: 64,
  cpuPercent: 30,
};
