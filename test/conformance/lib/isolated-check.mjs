#!/usr/bin/env node
/** Runs a check in a network namespace and with mounts of its own, which end with it. */

import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Unavailable } from './cache.mjs';
import { execute, hasProgram } from './process.mjs';

const SELF = fileURLToPath(import.meta.url);

/** `module` exports `isolated(context)`; its steps become steps of this context. */
export async function runIsolated(context, module, timeoutMs) {
  if (process.getuid?.() !== 0) throw new Unavailable('network namespaces need root');
  for (const program of ['unshare', 'ip']) {
    if (!hasProgram(program)) throw new Unavailable(`${program} not found`);
  }
  const args = ['-nm', process.execPath, SELF, fileURLToPath(module), context.kind];
  const result = await execute('unshare', args, { timeoutMs });
  const lines = result.stdout.split('\n');
  const last = lines.findLast((line) => line.startsWith('{"steps"'));
  if (last === undefined) {
    throw new Error(`${lines.slice(-5).join('\n')} ${result.stderr.slice(-1_500)}`);
  }
  for (const line of lines.filter((each) => each.startsWith('    ')))
    process.stdout.write(`${line}\n`);
  const { steps } = JSON.parse(last);
  context.suite(Object.entries(steps).map(([name, step]) => ({ name, ...step })));
}

if (process.argv[1] === SELF) {
  const [, , module, kind] = process.argv;
  const { Context } = await import('./context.mjs');
  const { isolated } = await import(pathToFileURL(module));
  const context = new Context(kind, { started: [] }, basename(module, '.mjs'));
  await context.step('(the check itself)', () => isolated(context));
  const steps = context.results;
  if (steps['(the check itself)'].outcome === 'pass') delete steps['(the check itself)'];
  process.stdout.write(`${JSON.stringify({ steps })}\n`);
  process.exit(0);
}
