/** Batches of 16 KB in transactions of 100 ms; who waits for a commit is counted as waiting. */
import type { TableScenario } from './table-scenario.ts';

export const TRANSACTIONAL: TableScenario = {
  name: 'transactional',
  title: 'transactional',
  held: 'produce --acks all --transactions 100 --linger 5 --batch-size 16KB',
  flat: 'produce --acks all --transactions 100 --linger 5 --batch-size 16KB',
  rate: 300_000,
  p99Ms: 15,
  memoryMib: 128,
  cpuPercent: 40,
};
