/** The numbers that one broker reached in one scenario. */
export type Figures = Readonly<Record<string, number>>;

export function figuresOf(result: object): Figures {
  const entries = Object.entries(result).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(entries) as Record<string, number>;
}

/** Each figure by itself: its middle one of an odd number of runs. */
export function medianOf(runs: readonly Figures[]): Figures {
  const medians: Record<string, number> = {};
  for (const name of Object.keys(runs[0] ?? {})) {
    const values = runs.map((run) => run[name] ?? 0).sort((one, other) => one - other);
    medians[name] = values[Math.floor((values.length - 1) / 2)]!;
  }
  return medians;
}

/** Means over the rounds; of peaks the highest. */
export function combine(rounds: readonly Figures[]): Figures {
  const combined: Record<string, number> = {};
  for (const name of Object.keys(rounds[0] ?? {})) {
    const values = rounds.map((round) => round[name] ?? 0);
    const sum = values.reduce((total, value) => total + value, 0);
    combined[name] = name === 'brokerPeakMib' ? Math.max(...values) : sum / values.length;
  }
  return combined;
}

/** The processor time for the same work is the figure that a bound network or load cannot hide. */
export function besideFloor(figures: Figures, floor: Figures | undefined): Figures {
  if (floor === undefined) return figures;
  const timesFloorCpu = figures.brokerCpuPerMillion! / floor.brokerCpuPerMillion!;
  return { timesFloorCpu, ...figures };
}
