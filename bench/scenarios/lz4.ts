/** Batches of 16 KB of JSON, packed by lz4. */
import type { TableScenario } from './table-scenario.ts';

export const LZ4: TableScenario = {
  name: 'lz4',
  title: 'compression (lz4)',
  held: 'produce --acks 1 --codec lz4 --values orders --linger 5 --batch-size 16KB',
  flat: 'produce --acks 1 --codec lz4 --values orders --linger 5 --batch-size 16KB',
  rate: 400_000,
  p99Ms: 7,
  memoryMib: 32,
  cpuPercent: 25,
};
