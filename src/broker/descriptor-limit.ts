import { readFileSync } from 'node:fs';

/** What the logs, the rings of the threads and the runtime are left with at least. */
const KEPT_MIN = 128;
/** The part of all descriptors that connections may not take. */
const KEPT_PART = 0.25;

/**
 * How many connections the process has descriptors for: one for each, and the logs must still be
 * able to roll. Infinity where the system does not say.
 */
export function connectionsWithinDescriptors(): number {
  const limit = descriptorLimit();
  return Math.max(1, limit - Math.max(KEPT_MIN, Math.floor(limit * KEPT_PART)));
}

function descriptorLimit(): number {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Not on Linux: the limit is whatever it is, and accepting fails beyond it.
    return Number.POSITIVE_INFINITY;
  }
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
