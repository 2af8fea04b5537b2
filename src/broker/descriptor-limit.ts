import { readFileSync } from 'node:fs';

/** The least number of descriptors that is kept for logs, threads and the runtime. */
const KEPT_MIN = 128;
/** The share of all descriptors that connections may not take. */
const KEPT_PART = 0.25;

/**
 * How many connections the process has descriptors for. Each takes one, and some are kept so that
 * logs can roll. Infinity where the system does not tell its limit.
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
    // This is not Linux. Accepting fails where the limit is reached.
    return Number.POSITIVE_INFINITY;
  }
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
