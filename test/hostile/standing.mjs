/**
 * Attacker and client stand for other machines: what the attacker computes should not take the
 * broker's processor, and the client should not wait for one that the broker has.
 */
import { spawnSync } from 'node:child_process';
import { setPriority } from 'node:os';

const LOWEST = 19;

function change(words, pid) {
  return spawnSync('chrt', [...words, String(pid)]).status === 0;
}

/** This thread, but nothing that it starts. False: the system does not let it. */
export function comeFirst() {
  return change(['--rr', '--reset-on-fork', '--pid', '1'], process.pid);
}

/** All threads of a process. */
export function giveWay(pid) {
  if (!change(['--idle', '--all-tasks', '--pid', '0'], pid)) setPriority(pid, LOWEST);
}
