/** What a Node process takes that does nothing: no broker on Node can take less. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { anonymousBytesOf, residentBytesOf } from '../load/process-stats.ts';

const MIB = 1024 * 1024;
const SETTLE_MS = 500;

export interface BareNode {
  /** Most of it are pages of Node's own program. A smaller bound of memory is raised to it. */
  readonly residentMib: number;
  readonly anonymousMib: number;
}

export async function bareNode(): Promise<BareNode> {
  const program = "process.stdout.write('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  await sleep(SETTLE_MS);
  const residentMib = residentBytesOf(child.pid!) / MIB;
  const anonymousMib = anonymousBytesOf(child.pid!) / MIB;
  child.kill();
  return { residentMib, anonymousMib };
}
