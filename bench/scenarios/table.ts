/** The rows of the table, in its order. */
import { ASYNC_BATCH } from './async-batch.ts';
import { CONSUMER_GROUP } from './consumer-group.ts';
import { CONSUMER_SINGLE } from './consumer-single.ts';
import { GZIP } from './gzip.ts';
import { IDEMPOTENT } from './idempotent.ts';
import { LZ4 } from './lz4.ts';
import { SYNC } from './sync.ts';
import type { TableScenario } from './table-scenario.ts';
import { TRANSACTIONAL } from './transactional.ts';

export const TABLE: readonly TableScenario[] = [
  ASYNC_BATCH,
  SYNC,
  IDEMPOTENT,
  TRANSACTIONAL,
  GZIP,
  LZ4,
  CONSUMER_SINGLE,
  CONSUMER_GROUP,
];
