/** Each of 16 loops sends its next record once the last one is acknowledged by all. */
import type { TableScenario } from './table-scenario.ts';

export const SYNC: TableScenario = {
  name: 'sync',
  title: 'sync (acks=all)',
  load: 'awaited',
  partitions: 1,
  consumers: 0,
  values: 'plain',
  producer: { acks: 'all', lingerMs: 0 },
  rate: 50_000,
  p99Ms: 50,
  memoryMib: 32,
  cpuPercent: 15,
};
