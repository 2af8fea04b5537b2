/** Batches of 16 KB in transactions of 100 ms; who waits for a commit is counted as waiting. */
import type { TableScenario } from './table-scenario.ts';

export const TRANSACTIONAL: TableScenario = {
  name: 'transactional',
  title: 'transactional',
  load: 'transactions',
  partitions: 1,
  consumers: 0,
  values: 'plain',
  producer: { acks: 'all', lingerMs: 5, batchSize: 16_384 },
  rate: 300_000,
  p99Ms: 15,
  memoryMib: 128,
  cpuPercent: 40,
};
