/** Producers and consumers at once: from the produce call to the record in the loop. */
import type { Command } from '../harness/command.ts';
import {
  CONSUMER_OPTIONS,
  drivePath,
  driveSpec,
  driving,
  PRODUCER_OPTIONS,
  RATE_OPTIONS,
  TOPIC_OPTIONS,
} from './drive-options.ts';

export const E2E: Command = {
  name: 'e2e',
  summary: 'producers and consumers; latency is from the produce call to the record in the loop',
  options: { ...TOPIC_OPTIONS, ...PRODUCER_OPTIONS, ...RATE_OPTIONS, ...CONSUMER_OPTIONS },
  rivals: ['kafka'],
  seconds: 2,
  path: (options) => drivePath(options, true, true),
  plan: (options) => driving(driveSpec('e2e', options)),
};
