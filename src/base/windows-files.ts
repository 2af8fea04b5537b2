/**
 * What Windows does differently with files. It has not been tested there.
 *
 * - A file that somebody has open cannot be replaced, and its folder cannot be moved. A virus
 *   scanner or an indexer has files open at any time, for a moment: the call is tried again.
 * - A directory cannot be synced. NTFS keeps the order of names in its journal.
 */
import { systemCodeOf } from './errors.ts';

export const isWindows = process.platform === 'win32';

const BUSY_CODES: ReadonlySet<string> = new Set(['EACCES', 'EBUSY', 'ENOTEMPTY', 'EPERM']);
const FIRST_WAIT_MS = 1;
const LAST_WAIT_MS = 64;

function isBusy(thrown: unknown): boolean {
  return isWindows && BUSY_CODES.has(systemCodeOf(thrown));
}

/** Calls `change` again, with the thread waiting, while the file is in use. */
export function whenFree(change: () => void): void {
  const word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    try {
      change();
      return;
    } catch (thrown) {
      if (waitMs > LAST_WAIT_MS || !isBusy(thrown)) throw thrown;
    }
    Atomics.wait(word, 0, 0, waitMs);
  }
}

/** The same for a call that does not hold up the thread. */
export async function soonFree(change: () => Promise<void>): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    try {
      await change();
      return;
    } catch (thrown) {
      if (waitMs > LAST_WAIT_MS || !isBusy(thrown)) throw thrown;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
