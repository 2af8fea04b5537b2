/** From the start of the process to the first acknowledged record, and what it takes idle. */
import type { Command } from '../harness/command.ts';
import { startTurn } from '../turns/start-turn.ts';

export const START: Command = {
  name: 'start',
  summary: 'process start to the first acknowledged record, memory idle after it, and the stop',
  options: {},
  rivals: ['kafka'],
  plan: () => async (who) => ({ figures: await startTurn(who) }),
};
