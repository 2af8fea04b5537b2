/** Batches of 16 KB with sequences, so that none is appended twice. */
import type { TableScenario } from './table-scenario.ts';

export const IDEMPOTENT: TableScenario = {
  name: 'idempotent',
  title: 'idempotent',
  load: 'enqueue',
  partitions: 1,
  consumers: 0,
  values: 'plain',
  producer: { acks: 'all', lingerMs: 5, batchSize: 16_384, enableIdempotence: true },
  rate: 450_000,
  p99Ms: 8,
  memoryMib: 64,
  cpuPercent: 35,
};
