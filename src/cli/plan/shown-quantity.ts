const DIGITS = 4;
const SECOND = 1000;

const STEPS: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  bytes: [
    [1e12, ' TB'],
    [1e9, ' GB'],
    [1e6, ' MB'],
    [0, ' B'],
  ],
  ms: [
    [86_400 * SECOND, ' d'],
    [3600 * SECOND, ' h'],
    [60 * SECOND, ' min'],
    [SECOND, ' s'],
    [0, ' ms'],
  ],
};

/** A figure as a person reads it: four digits, thousands apart, in a unit of its size. */
export function shownQuantity(value: number, unit: string): string {
  if (value === Number.POSITIVE_INFINITY) return 'never';
  const steps = STEPS[unit];
  if (steps === undefined) {
    const ending = unit === 'count' ? '' : ` ${unit}`;
    return `${grouped(value)}${ending}`;
  }
  const [size, ending] = steps.find(([least]) => Math.abs(value) >= least)!;
  return `${grouped(value / (size || 1))}${ending}`;
}

function grouped(value: number): string {
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(DIGITS));
  return rounded.toLocaleString('en-US', { maximumSignificantDigits: 15 });
}
