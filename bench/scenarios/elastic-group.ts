/** Members come and go while records flow: the slowest record tells what a rebalance costs. */
import type { LineScenario } from '../harness/line-scenario.ts';

const GROUP = 'e2e --partitions 8 --rate 20000 --linger 1';

export const ELASTIC_GROUP: LineScenario = {
  name: 'elastic-group',
  title: 'a group that grows from 1 member to 4 and shrinks again, 20,000 records a second',
  lines: [`${GROUP} --consumers 4`, `${GROUP} --consumers 1,2,4,2,1`],
  seconds: 10,
};
