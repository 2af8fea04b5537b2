import { TopologyError } from './topology-error.ts';

/** Milliseconds, or a number with its unit: `500ms`, `10s`, `5m`, `1h`, `7d`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `what` names it in the error for anything that is no duration. */
export function durationMs(duration: Duration, what: string): number {
  const ms = typeof duration === 'number' ? duration : parsed(duration);
  if (Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw new TopologyError(`${what} is ${duration}, but durations are like 500, '500ms' or '10s'.`);
}

function parsed(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return Number.NaN;
  return Number(match[1]) * UNITS[match[2]!]!;
}
