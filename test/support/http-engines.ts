import { createRequire } from 'node:module';

/** The engines that this machine has: uWebSockets.js has no binary for every Node and C library. */
export const ENGINES: readonly ('uws' | 'node')[] = hasUws() ? ['uws', 'node'] : ['node'];

function hasUws(): boolean {
  try {
    createRequire(import.meta.url)('uWebSockets.js');
    return true;
  } catch (thrown) {
    process.stderr.write(`tests of uWebSockets.js are left out: ${(thrown as Error).message}\n`);
    return false;
  }
}
