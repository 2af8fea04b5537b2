/** A Java broker needs its hot paths compiled before the first figure counts. */
import type { Contestant } from './contestant.ts';
import { runLoadProcess } from './load-process.ts';

const JVM_WARMUP_SECONDS = 10;

export async function warmUp(who: Contestant): Promise<void> {
  if (who.name !== 'kafka' || who.isRunning) return;
  await runLoadProcess(await who.shared(), ['produce'], JVM_WARMUP_SECONDS, 1);
}
