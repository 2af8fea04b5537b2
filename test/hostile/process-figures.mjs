/** What a process takes, as the system tells it. */
import { readFileSync } from 'node:fs';

/** Anonymous memory: what it holds itself, without the pages of the mapped logs. */
export function memoryMbOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)[1]) / 1024;
}

/** Seconds of processor used so far. */
export function cpuSecondsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
