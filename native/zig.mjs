// Zig, which carries a C and C++ compiler for all platforms. It comes from PyPI's package ziglang
// into the cache folder, once.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ZIG_VERSION = '0.17.1';
const cache = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
const home = `${cache}zig-${ZIG_VERSION}`;
const binary = `${home}/ziglang/${process.platform === 'win32' ? 'zig.exe' : 'zig'}`;

const WAYS = 'install python3 with pip (PyPI: ziglang), or set ZIG to the path of a Zig';

/** A Zig that is here already: the one that ZIG names, or the one in the cache. Else null. */
export function findZig() {
  const named = process.env.ZIG;
  if (named) return named;
  return existsSync(binary) ? binary : null;
}

function pip(python, target) {
  const words = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  const wanted = ['--target', target, `ziglang==${ZIG_VERSION}`];
  return spawnSync(python, [...words, ...wanted], { encoding: 'utf8' });
}

/** Throws an Error that says what to do where Zig cannot be had. */
export function obtainZig() {
  const found = findZig();
  if (found !== null) return found;
  mkdirSync(dirname(home), { recursive: true });
  // Under another name first, so that a download which is cut leaves nothing that looks whole.
  const fresh = `${home}.${process.pid}`;
  let reason = 'there is no python3';
  for (const python of ['python3', 'python']) {
    const run = pip(python, fresh);
    if (run.error === undefined && run.status === 0) {
      rmSync(home, { recursive: true, force: true });
      renameSync(fresh, home);
      return binary;
    }
    if (run.error === undefined) reason = run.stderr.trim().split('\n').at(-1);
  }
  rmSync(fresh, { recursive: true, force: true });
  throw new Error(`Zig ${ZIG_VERSION} cannot be had (${reason}): ${WAYS}`);
}

/** The cache of Zig, beside it: the libraries of each platform are built once. */
export function zigEnvironment(localCache = `${cache}zig-objects`) {
  const global = `${cache}zig-libraries`;
  return { ...process.env, ZIG_GLOBAL_CACHE_DIR: global, ZIG_LOCAL_CACHE_DIR: localCache };
}
