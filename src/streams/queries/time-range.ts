/** Times in ms since 1970, both inclusive; what is left out is open. */
export interface TimeRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** A range of times, and from which end it is read. */
export interface OrderedTimeRange extends TimeRange {
  /** Latest first. */
  readonly reverse?: boolean | undefined;
}

/** The range with nothing left open. */
export function timesOf({ from = 0, to = Number.MAX_SAFE_INTEGER }: TimeRange) {
  return { from, to };
}
