/** Idle partitions: made, kept over a restart, and what each costs. */
import type { Command } from '../harness/command.ts';
import { idlePartitionsTurn } from '../turns/idle-partitions-turn.ts';

export const PARTITIONS: Command = {
  name: 'partitions',
  summary: 'idle partitions: the time to make them, the memory added, the start after a clean stop',
  options: {
    partitions: { takes: 'whole', unless: 1_000, least: 1, most: 100_000, help: 'in all' },
  },
  rivals: ['kafka'],
  plan: (options) => async (who) => ({
    figures: await idlePartitionsTurn(who, options.number('partitions')),
  }),
};
