import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 200;

/** Looks again and again; throws where it is not so in time. */
export async function until(what, isSo, limitMs) {
  const endMs = performance.now() + limitMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await pause(LOOK_MS);
  }
}
