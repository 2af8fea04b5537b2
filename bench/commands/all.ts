import type { Command } from '../harness/command.ts';
import { CLIENT } from './client.ts';
import { CONSUME } from './consume.ts';
import { E2E } from './e2e.ts';
import { JAVA } from './java.ts';
import { PARTITIONS } from './partitions.ts';
import { PRODUCE } from './produce.ts';
import { START } from './start.ts';
import { WEBSOCKET } from './websocket.ts';

export const COMMANDS: readonly Command[] = [
  PRODUCE,
  CONSUME,
  E2E,
  WEBSOCKET,
  START,
  PARTITIONS,
  CLIENT,
  JAVA,
];
