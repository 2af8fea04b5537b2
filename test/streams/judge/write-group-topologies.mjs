#!/usr/bin/env node
/**
 * Writes the topologies that members of a streams group send, as Kafka Streams makes them:
 * `node write-group-topologies.mjs [CASES]`. Of random cases it keeps hashes.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { mustExecute } from '../../conformance/lib/process.mjs';
import { answerHash } from './answer-hash.mjs';
import { generateCase } from './generate-case.mjs';
import { inOrder } from './in-order.mjs';
import { judgeClassPath } from './judge.mjs';

const CASES = Number(process.argv[2] ?? 300);
const program = join(import.meta.dirname, 'GroupTopologies.java');
const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';
const classes = await mkdtemp(join(tmpdir(), 'millrace-topologies-'));
const judge = await judgeClassPath();
// Its package-private companions want one class loader, so it is compiled first.
await mustExecute('javac', ['-nowarn', '-cp', judge, '-d', classes, program]);
const classPath = [classes, judge].join(delimiter);
const args = ['-Xmx512m', quiet, '-cp', classPath, 'GroupTopologies'];
const cases = Array.from({ length: CASES }, (_, seed) => {
  const { steps, config } = generateCase(seed + 1);
  return JSON.stringify({ name: `${seed + 1}`, steps, config });
});
const input = `${cases.join('\n')}\n`;
const { stdout } = await mustExecute('java', args, { timeoutMs: 120_000, input });
const named = {};
const hashes = {};
for (const line of stdout.trim().split('\n')) {
  const { name, topology } = JSON.parse(line);
  if (/^\d+$/.test(name)) hashes[name] = answerHash(inOrder(topology));
  else named[name] = inOrder(topology);
}
const golden = `${JSON.stringify({ named, hashes }, null, 1)}\n`;
await writeFile(join(import.meta.dirname, '..', 'golden', 'group-topologies.json'), golden);
await rm(classes, { recursive: true });
