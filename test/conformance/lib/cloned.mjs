/** Repositories of suites whose packages come without their tests. */

import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installed, Unavailable } from './cache.mjs';
import { execute, mustExecute } from './process.mjs';
import { needs } from './toolchains.mjs';

const LIMIT_MS = 600_000;

/**
 * The folder with the clone under its `id`, beside the packages that its specs need, which the lock
 * in the folder `ours` names. `patches` are replacements by file of the clone.
 */
export async function clonedSuite(id, source, ours, patches) {
  needs('git', 'npm');
  const lock = await readFile(join(ours, 'package-lock.json'), 'utf8');
  const key = [source.commit, lock, ...(patches === undefined ? [] : [patches])];
  return installed(`suite-${id}`, key, async (at) => {
    await cloned(source, join(at, id));
    for (const [file, replacements] of Object.entries(patches ?? {}))
      await patched(join(at, id, file), replacements);
    for (const name of ['package.json', 'package-lock.json'])
      await cp(join(ours, name), join(at, name));
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    await mustExecute('npm', args, { cwd: at, timeoutMs: LIMIT_MS });
  });
}

/** Clones one tag, and sees that it is the commit. git's url.*.insteadOf may name a copy. */
async function cloned({ name, address, tag, commit }, at) {
  const args = ['clone', '-q', '--depth', '1', '--branch', tag, address, at];
  const { code, stderr } = await execute('git', args, { timeoutMs: LIMIT_MS });
  if (code !== 0) throw new Unavailable(`${name}'s repository cannot be cloned: ${stderr.trim()}`);
  const head = await mustExecute('git', ['rev-parse', 'HEAD'], { cwd: at });
  if (head.stdout.trim() !== commit) {
    throw new Error(`${tag} of ${name} is ${head.stdout.trim()}, not ${commit}`);
  }
}

/** Replaces texts of a file, each of which must be there. */
async function patched(file, replacements) {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  await writeFile(file, text);
}
