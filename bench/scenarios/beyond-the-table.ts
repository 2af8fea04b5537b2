/** All scenarios that are lists of command lines; `npm run bench -- NAME` runs one. */
import type { LineScenario } from '../harness/line-scenario.ts';
import { WORKLOADS } from '../workloads/workloads.ts';
import { ACKS } from './acks.ts';
import { BATCH_SIZES } from './batch-sizes.ts';
import { DURABILITY } from './durability.ts';
import { ELASTIC_GROUP } from './elastic-group.ts';
import { FIRST_RECORD } from './first-record.ts';
import { MANY_CONSUMERS } from './many-consumers.ts';
import { PARTITION_COSTS } from './partition-costs.ts';
import { PARTITION_COUNTS } from './partition-counts.ts';
import { PRODUCER_COUNTS } from './producer-counts.ts';
import { RECORD_SIZES } from './record-sizes.ts';
import { WEBSOCKET_CONSUMERS } from './websocket-consumers.ts';

export const BEYOND_THE_TABLE: readonly LineScenario[] = [
  ACKS,
  RECORD_SIZES,
  PARTITION_COUNTS,
  PRODUCER_COUNTS,
  BATCH_SIZES,
  DURABILITY,
  MANY_CONSUMERS,
  ELASTIC_GROUP,
  WEBSOCKET_CONSUMERS,
  FIRST_RECORD,
  PARTITION_COSTS,
  ...WORKLOADS,
];
