import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from '../log/native.ts';

/**
 * Keeps less freed memory for later use. Only for a process of which the broker is all.
 *
 * V8 doubles the young generation whenever enough objects have survived since the last time, up to
 * 16 MB a half and on Node 24 up to 64, however few are alive at once. Almost all that a request
 * makes is dead when it is answered, so a larger one holds more garbage and saves no work. It stays
 * as large as the start of the broker has made it.
 */
export function boundSpareMemory(): void {
  native.boundSpareMemory();
  setFlagsFromString('--semi-space-growth-factor=1');
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
