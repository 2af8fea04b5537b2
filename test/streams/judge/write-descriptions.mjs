#!/usr/bin/env node
/** Writes the golden descriptions, as Kafka Streams prints them: `node write-descriptions.mjs`. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustExecute } from '../../conformance/lib/process.mjs';
import { judgeCommand } from './judge.mjs';

const [java, ...args] = await judgeCommand('Descriptions');
const { stdout } = await mustExecute(java, args, { timeoutMs: 60_000 });
await writeFile(join(import.meta.dirname, '..', 'golden', 'descriptions.txt'), stdout);
