/** Runs a check in a network namespace and with mounts of its own, which end with it. */

import { fileURLToPath } from 'node:url';
import { Unavailable } from './cache.mjs';
import { execute, hasProgram } from './process.mjs';

const MAIN = fileURLToPath(new URL('isolated-main.mjs', import.meta.url));

/** `module` exports `isolated(context)`; its steps become steps of this context. */
export async function runIsolated(context, module, timeoutMs) {
  if (process.getuid?.() !== 0) throw new Unavailable('network namespaces need root');
  for (const program of ['unshare', 'ip']) {
    if (!hasProgram(program)) throw new Unavailable(`${program} not found`);
  }
  const args = ['-nm', process.execPath, MAIN, fileURLToPath(module), context.kind];
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
