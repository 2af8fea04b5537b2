import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Looks at a file of rows in another process, which a damaged page may end. It is found by its
 * place, in the sources as in the build.
 */
export async function startLmdbCheck(path: string, signal: AbortSignal): Promise<boolean> {
  // The ending is that of this file: .ts before the build, .js after it.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`../streams/lmdb-check-main.${ending}`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(entry), path], { stdio: 'ignore' });
  const end = () => child.kill('SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  try {
    const [code] = await once(child, 'close');
    return code === 0;
  } finally {
    signal.removeEventListener('abort', end);
  }
}
