import { UsageError } from '../usage-error.ts';

/** What an input counts, and with which endings it may be given. */
export type QuantityKind = 'count' | 'bytes' | 'milliseconds';

const FACTORS: Readonly<Record<QuantityKind, Readonly<Record<string, number>>>> = {
  count: { '': 1, k: 1e3, m: 1e6, g: 1e9 },
  bytes: {
    '': 1,
    b: 1,
    kb: 1e3,
    mb: 1e6,
    gb: 1e9,
    tb: 1e12,
    kib: 2 ** 10,
    mib: 2 ** 20,
    gib: 2 ** 30,
    tib: 2 ** 40,
  },
  milliseconds: { '': 1, ms: 1, s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 },
};

const EXAMPLES: Readonly<Record<QuantityKind, string>> = {
  count: '2500, 500k or 1.5M',
  bytes: '512, 16KiB or 1MB',
  milliseconds: '5, 20ms, 30s, 12h or 7d',
};

const NUMBER_AND_ENDING = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i;

/** A number above zero with the ending of its kind; a number without one is in the kind's unit. */
export function parseQuantity(option: string, text: string, kind: QuantityKind): number {
  const match = NUMBER_AND_ENDING.exec(text.trim());
  const factor = match === null ? undefined : FACTORS[kind][match[2]!.toLowerCase()];
  const value = factor === undefined ? Number.NaN : Number(match![1]) * factor;
  if (!(value > 0)) {
    throw new UsageError(`--${option} ${text}: expected a number above 0, as ${EXAMPLES[kind]}`);
  }
  return value;
}
