import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS_MAX = 20_000;
const LOOK_MS = 20;

/** Waits for what happens in the background; throws if it does not happen. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + WAIT_MS_MAX;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`did not happen: ${what}`);
    await sleep(LOOK_MS);
  }
}
