/** From ten bytes to a megabyte; from 16 KB on a record is a batch. */
import type { LineScenario } from '../harness/line-scenario.ts';

const SIZES = ['10', '100', '1KB', '10KB', '100KB', '1MB'];

export const RECORD_SIZES: LineScenario = {
  name: 'record-sizes',
  title: 'records of 10 bytes to 1 MB',
  lines: SIZES.map((size) => `produce --record-size ${size}`),
};
