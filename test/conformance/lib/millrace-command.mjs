/** The command line of the millrace under test. */

import { join } from 'node:path';
import { REPOSITORY } from './cache.mjs';

/** Node with the program: this tree's, or the one that `--program` names. */
export function millraceCommand(...args) {
  const own = join(REPOSITORY, 'dist', 'bundle', 'cli', 'main.js');
  return [process.execPath, process.env.MILLRACE_PROGRAM ?? own, ...args];
}

/** Configuration as arguments. */
export function overridesOf(config) {
  return Object.entries(config).flatMap(([name, value]) => ['--override', `${name}=${value}`]);
}
