/** Batches of 16 KB of JSON, packed by gzip. */
import type { TableScenario } from './table-scenario.ts';

export const GZIP: TableScenario = {
  name: 'gzip',
  title: 'compression (gzip)',
  load: 'enqueue',
  partitions: 1,
  consumers: 0,
  values: 'orders',
  producer: { acks: 1, lingerMs: 5, batchSize: 16_384, compressionType: 'gzip' },
  rate: 200_000,
  p99Ms: 10,
  memoryMib: 16,
  cpuPercent: 50,
};
