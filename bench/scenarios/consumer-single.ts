/** One consumer of one partition; flat out it reads what was there before, over and over. */
import type { TableScenario } from './table-scenario.ts';

export const CONSUMER_SINGLE: TableScenario = {
  name: 'consumer-single',
  title: 'consumer (single)',
  held: 'e2e --acks 1 --linger 1 --consumers 1',
  heldWarmupSeconds: 6,
  flat: 'consume --consumers 1',
  rate: 100_000,
  p99Ms: 2,
  memoryMib: 32,
  cpuPercent: 20,
};
