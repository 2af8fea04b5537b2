import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { native } from '../log/native.ts';

/** For a process that is nothing but a broker. */
export function boundSpareMemory(): void {
  native.boundSpareMemory();
}

/** What was freed goes back to the system: that of threads that have ended, too. */
export function trimMemory(): void {
  native.trimMemory();
}

let collect: (() => void) | null = null;

/** Collects all garbage of this thread, which takes some milliseconds where little is alive. */
export function collectGarbage(): void {
  collect ??= exposedCollector();
  collect();
}

/**
 * Once Node runs, it exposes the collector to new contexts only. The flag is that of the process:
 * another thread that asks at this moment may have put it back before the context was made.
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
