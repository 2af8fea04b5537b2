import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from '../log/native.ts';

/** Keeps less freed memory for later use. Only for a process of which the broker is all. */
export function boundSpareMemory(): void {
  native.boundSpareMemory();
}

/** Gives freed memory back to the system, that of ended threads included. */
export function trimMemory(): void {
  native.trimMemory();
}

let collect: (() => void) | null = null;

/** Collects all garbage of this thread. It takes some milliseconds when little is alive. */
export function collectGarbage(): void {
  collect ??= exposedCollector();
  collect();
}

/**
 * Returns the collector's function. Node exposes it to new contexts while a flag is set. The flag
 * belongs to the process: another thread may clear it before the context is made, so this retries.
 */
function exposedCollector(): () => void {
  let exposed: (() => void) | undefined;
  while (exposed === undefined) {
    setFlagsFromString('--expose-gc');
    exposed = runInNewContext('globalThis.gc') as (() => void) | undefined;
    setFlagsFromString('--no-expose-gc');
  }
  return exposed;
}
