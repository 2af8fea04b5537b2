/** A broker is started until it has acknowledged a record, left alone, and stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures } from '../figures.ts';
import type { Contestant } from '../harness/contestant.ts';
import { anonymousBytesOf } from '../load/process-stats.ts';

const MIB = 1024 * 1024;
const SETTLE_MS = 2000;

export async function startTurn(who: Contestant): Promise<Figures> {
  const folder = who.freshFolder();
  const broker = await who.start(folder);
  await sleep(SETTLE_MS);
  const idleMib = anonymousBytesOf(broker.pid) / MIB;
  const stopMs = await broker.stop();
  await who.discard(folder);
  return { startMs: broker.startMs, idleMib, stopMs };
}
