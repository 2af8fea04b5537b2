/** Consumers alone: 150 MB that are there already, over and over. */
import type { Command } from '../harness/command.ts';
import {
  CONSUMER_OPTIONS,
  drivePath,
  driveSpec,
  driving,
  PRODUCER_OPTIONS,
  TOPIC_OPTIONS,
} from './drive-options.ts';

export const CONSUME: Command = {
  name: 'consume',
  summary: 'consumers alone, of 150 MB that are there already, over and over; nothing is timed',
  options: { ...TOPIC_OPTIONS, ...PRODUCER_OPTIONS, ...CONSUMER_OPTIONS },
  rivals: ['kafka'],
  seconds: 2.5,
  path: (options) => drivePath(options, false, true),
  plan: (options) => driving(driveSpec('consume', options)),
};
