/** Batches of 16 KB with sequences, so that none is appended twice. */
import type { TableScenario } from './table-scenario.ts';

export const IDEMPOTENT: TableScenario = {
  name: 'idempotent',
  title: 'idempotent',
  held: 'produce --acks all --idempotent --linger 5 --batch-size 16KB',
  flat: 'produce --acks all --idempotent --linger 5 --batch-size 16KB',
  rate: 450_000,
  p99Ms: 8,
  memoryMib: 64,
  cpuPercent: 35,
};
