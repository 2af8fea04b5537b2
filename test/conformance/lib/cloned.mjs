/** Repositories of suites whose packages come without their tests. */

import { readFile, writeFile } from 'node:fs/promises';
import { Unavailable } from './cache.mjs';
import { execute, mustExecute } from './process.mjs';

const LIMIT_MS = 600_000;

/** Clones one tag, and sees that it is the commit. git's url.*.insteadOf may name a copy. */
export async function cloned({ name, address, tag, commit }, at) {
  const args = ['clone', '-q', '--depth', '1', '--branch', tag, address, at];
  const { code, stderr } = await execute('git', args, { timeoutMs: LIMIT_MS });
  if (code !== 0) throw new Unavailable(`${name}'s repository cannot be cloned: ${stderr.trim()}`);
  const head = await mustExecute('git', ['rev-parse', 'HEAD'], { cwd: at });
  if (head.stdout.trim() !== commit) {
    throw new Error(`${tag} of ${name} is ${head.stdout.trim()}, not ${commit}`);
  }
}

/** Replaces texts of a file, each of which must be there. */
export async function patched(file, replacements) {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  await writeFile(file, text);
}
