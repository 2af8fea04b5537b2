/** Nobody, the leader, or all acknowledge; on one broker `all` is the leader too. */
import type { LineScenario } from '../harness/line-scenario.ts';

export const ACKS: LineScenario = {
  name: 'acks',
  title: 'acknowledgements: none, of the leader, of all',
  lines: ['0', '1', 'all'].map((acks) => `produce --acks ${acks}`),
};
