/** Batches of 16 KB of JSON, packed by lz4. */
import type { TableScenario } from './table-scenario.ts';

export const LZ4: TableScenario = {
  name: 'lz4',
  title: 'compression (lz4)',
  load: 'enqueue',
  partitions: 1,
  consumers: 0,
  values: 'orders',
  producer: { acks: 1, lingerMs: 5, batchSize: 16_384, compressionType: 'lz4' },
  rate: 400_000,
  p99Ms: 7,
  memoryMib: 32,
  cpuPercent: 25,
};
