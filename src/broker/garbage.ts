import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/** Collects all garbage of this thread, which takes some milliseconds where little is alive. */
export function collectGarbage(): void {
  collect ??= exposedCollector();
  collect();
}

/** Once Node runs, it exposes the collector to new contexts only. */
function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const exposed = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  return exposed;
}
