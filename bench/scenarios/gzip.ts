/** Batches of 16 KB of JSON, packed by gzip. */
import type { TableScenario } from './table-scenario.ts';

export const GZIP: TableScenario = {
  name: 'gzip',
  title: 'compression (gzip)',
  held: 'produce --acks 1 --codec gzip --values orders --linger 5 --batch-size 16KB',
  flat: 'produce --acks 1 --codec gzip --values orders --linger 5 --batch-size 16KB',
  rate: 200_000,
  p99Ms: 10,
  memoryMib: 16,
  cpuPercent: 50,
};
