/** A group of four on four partitions; flat out it reads what was there before, over and over. */
import type { TableScenario } from './table-scenario.ts';

export const CONSUMER_GROUP: TableScenario = {
  name: 'consumer-group',
  title: 'consumer (group of 4)',
  held: 'e2e --acks 1 --linger 1 --partitions 4 --consumers 4',
  heldWarmupSeconds: 6,
  flat: 'consume --partitions 4 --consumers 4',
  rate: 400_000,
  p99Ms: 5,
  memoryMib: 128,
  cpuPercent: 80,
};
