/** Producers alone: from the call to the acknowledgement. */
import type { Command } from '../harness/command.ts';
import {
  drivePath,
  driveSpec,
  driving,
  PRODUCER_OPTIONS,
  RATE_OPTIONS,
  TOPIC_OPTIONS,
} from './drive-options.ts';

export const PRODUCE: Command = {
  name: 'produce',
  summary: 'producers alone; latency is from the call to the acknowledgement',
  options: { ...TOPIC_OPTIONS, ...PRODUCER_OPTIONS, ...RATE_OPTIONS },
  rivals: ['kafka'],
  seconds: 1.5,
  path: (options) => drivePath(options, true, false),
  plan: (options) => driving(driveSpec('produce', options)),
};
