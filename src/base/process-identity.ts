/**
 * Whether a process is the one that it was: its number may have been given to another since. Linux
 * tells when a process began. Elsewhere any process of that number counts as the same one.
 */
import { readFileSync, statSync } from 'node:fs';
import { systemCodeOf } from './errors.ts';

const ALIVE = 'alive';
/** Of /proc/<pid>/stat behind the name: the state, and the start in ticks since the boot. */
const STATE_FIELD = 0;
const START_FIELD = 19;
const DEAD_STATES = ['Z', 'X'];

/** What tells the process from all others of its number; '' where there is none. */
export function identityOf(pid: number): string {
  if (!Number.isSafeInteger(pid) || pid <= 0) return '';
  if (process.platform !== 'linux') return answersSignals(pid) ? ALIVE : '';
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat === '') return '';
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (DEAD_STATES.includes(fields[STATE_FIELD]!)) return '';
  return `${textOf('/proc/sys/kernel/random/boot_id').trim()}/${fields[START_FIELD]}`;
}

/** Whether the kernel's lock on a file is held. Only Linux says so: else, whether `pid` lives. */
export function isFileLocked(path: string, pid: number): boolean {
  const locks = process.platform === 'linux' ? textOf('/proc/locks') : '';
  if (locks === '') return pid !== process.pid && identityOf(pid) !== '';
  const { ino } = statSync(path);
  return locks.split('\n').some((line) => line.includes('FLOCK') && line.includes(`:${ino} `));
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCodeOf(thrown) === 'EPERM';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
