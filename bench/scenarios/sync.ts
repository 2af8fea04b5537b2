/** Each of 16 loops sends its next record once the last one is acknowledged by all. */
import type { TableScenario } from './table-scenario.ts';

export const SYNC: TableScenario = {
  name: 'sync',
  title: 'sync (acks=all)',
  held: 'produce --acks all --linger 0 --awaited 16',
  flat: 'produce --acks all --linger 0 --awaited 16',
  rate: 50_000,
  p99Ms: 50,
  memoryMib: 32,
  cpuPercent: 15,
};
