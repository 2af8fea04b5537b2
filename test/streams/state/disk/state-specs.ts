/** Two stores of a task whose state is on disk. */
import { text } from '../../../../src/client/serde/serdes.ts';
import { int64 } from '../../../../src/streams/serde/numbers.ts';
import type { StoreSpec } from '../../../../src/streams/topology/store-spec.ts';
import { SETTINGS } from '../store-harness.ts';

export const COUNTS: StoreSpec = {
  ...SETTINGS,
  name: 'counts',
  kind: 'key-value',
  timestamped: true,
  key: text,
  value: int64,
};

export const WINDOWS: StoreSpec = {
  ...SETTINGS,
  name: 'windows',
  kind: 'window',
  timestamped: false,
  key: text,
  value: text,
  windowMs: 10,
  retentionMs: 1000,
  retainDuplicates: false,
  timeOrdered: false,
};
