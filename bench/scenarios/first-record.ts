/** How soon a broker is of use, and what it takes when nobody uses it. */
import type { LineScenario } from '../harness/line-scenario.ts';

export const FIRST_RECORD: LineScenario = {
  name: 'first-record',
  title: 'process start to the first acknowledged record, memory idle after it',
  lines: ['start'],
};
