/** What a Node process takes that does nothing: no broker on Node can take less. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { anonymousBytesOf } from '../load/process-stats.ts';

const MIB = 1024 * 1024;
const SETTLE_MS = 500;

export async function bareNodeMib(): Promise<number> {
  const program = "process.stdout.write('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  await sleep(SETTLE_MS);
  const mib = anonymousBytesOf(child.pid!) / MIB;
  child.kill();
  return mib;
}
