/** CPU and memory of a process, from /proc. */
import { readFileSync } from 'node:fs';

/** USER_HZ, which the kernel fixes at 100 for what /proc shows. */
const TICKS_PER_SECOND = 100;

/** User and system time of the whole process, children not included. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/**
 * Memory of the process itself. Pages that are mapped from files belong to the page cache and are
 * not counted.
 */
export function anonymousBytesOf(pid: number): number {
  return statusBytesOf(pid, 'RssAnon');
}

/** All that is in memory of a process, pages that are mapped from files included. */
export function residentBytesOf(pid: number): number {
  return statusBytesOf(pid, 'VmRSS');
}

function statusBytesOf(pid: number, name: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Busy seconds of all processors together since boot, those that the host took away included. */
export function busySecondsOfMachine(): number {
  const [line] = readFileSync('/proc/stat', 'latin1').split('\n');
  const [user, nice, system, , , irq, softirq, steal] = line!
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) / TICKS_PER_SECOND;
}
