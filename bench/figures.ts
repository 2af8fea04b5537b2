/** The numbers that one broker reached in one scenario. */
const PEAK = 'brokerPeakMib';

export type Figures = Readonly<Record<string, number>>;

export function figuresOf(result: object): Figures {
  const entries = Object.entries(result).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(entries) as Record<string, number>;
}

/** Each figure by itself: its middle one, or what lies between the middle two. Of peaks the highest. */
export function medianOf(runs: readonly Figures[]): Figures {
  const medians: Record<string, number> = {};
  for (const name of Object.keys(runs[0] ?? {})) {
    const values = runs.map((run) => run[name] ?? 0).sort((one, other) => one - other);
    const middle = values[Math.floor(values.length / 2)]!;
    const before = values[Math.floor((values.length - 1) / 2)]!;
    medians[name] = name === PEAK ? values.at(-1)! : (before + middle) / 2;
  }
  return medians;
}

/** The processor time for the same work is the figure that a bound network or load cannot hide. */
export function besideFloor(figures: Figures, floor: Figures | undefined): Figures {
  if (floor === undefined) return figures;
  const timesFloorCpu = figures.brokerCpuPerMillion! / floor.brokerCpuPerMillion!;
  return { timesFloorCpu, ...figures };
}
