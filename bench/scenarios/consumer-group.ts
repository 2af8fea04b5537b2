/** A group of four on four partitions; flat out it reads what was there before, over and over. */
import type { TableScenario } from './table-scenario.ts';

export const CONSUMER_GROUP: TableScenario = {
  name: 'consumer-group',
  title: 'consumer (group of 4)',
  load: 'consume',
  partitions: 4,
  consumers: 4,
  values: 'plain',
  producer: { acks: 1, lingerMs: 0 },
  rate: 400_000,
  p99Ms: 5,
  memoryMib: 128,
  cpuPercent: 80,
};
