import { type Duration, durationMs } from '../topology/duration.ts';
import { TopologyError } from '../topology/topology-error.ts';

/** Windows of one length that begin at regular times: tumbling or hopping. */
export interface TimeWindows {
  readonly kind: 'time';
  readonly sizeMs: number;
  readonly advanceMs: number;
  readonly graceMs: number;
  /** The only window begins here, and never ends; undefined for all others. */
  readonly onlyStartMs?: number | undefined;
}

/** Windows around records: one for each distinct set of records within the difference. */
export interface SlidingWindows {
  readonly kind: 'sliding';
  readonly differenceMs: number;
  readonly graceMs: number;
}

/** Windows of records without a longer gap between them. */
export interface SessionWindows {
  readonly kind: 'session';
  readonly gapMs: number;
  readonly graceMs: number;
}

/** What windows have besides their length. */
export interface WindowOptions {
  /** How long after its end a window still takes records; 0 by default. */
  readonly grace?: Duration | undefined;
}

/** What hopping windows have besides their length. */
export interface HoppingOptions extends WindowOptions {
  /** The time from the start of a window to the start of the next. */
  readonly advance: Duration;
}

/** Where the one window of `unlimited` begins. */
export interface UnlimitedOptions {
  /** In milliseconds since 1970; records from before are in no window. 0 by default. */
  readonly startMs?: number | undefined;
}

/** Windows that follow each other without a gap: each record is in one. */
export function tumbling(size: Duration, options: WindowOptions = {}): TimeWindows {
  return timeWindows(durationMs(size, 'The size of the windows'), undefined, options);
}

/** Windows that overlap: a new one begins every `advance`. */
export function hopping(size: Duration, options: HoppingOptions): TimeWindows {
  const advanceMs = durationMs(options.advance, 'The advance of the windows');
  return timeWindows(durationMs(size, 'The size of the windows'), advanceMs, options);
}

/** A window for each distinct set of records whose times differ by no more than `difference`. */
export function sliding(difference: Duration, options: WindowOptions = {}): SlidingWindows {
  const differenceMs = durationMs(difference, 'The time difference of the windows');
  return { kind: 'sliding', differenceMs, graceMs: graceOf(options) };
}

/**
 * One window for all records from a time on, by default all there are. It never closes. (Its end is
 * the largest safe integer, where Kafka's UnlimitedWindows have the largest long.)
 */
export function unlimited({ startMs = 0 }: UnlimitedOptions = {}): TimeWindows {
  if (!Number.isSafeInteger(startMs) || startMs < 0) {
    throw new TopologyError(`The window's start is ${startMs}, but cannot be negative.`);
  }
  const sizeMs = Number.MAX_SAFE_INTEGER - startMs;
  return { kind: 'time', sizeMs, advanceMs: sizeMs, graceMs: 0, onlyStartMs: startMs };
}

/** Windows of activity: one ends when nothing came for longer than `gap`. */
export function session(gap: Duration, options: WindowOptions = {}): SessionWindows {
  return { kind: 'session', gapMs: durationMs(gap, 'The gap'), graceMs: graceOf(options) };
}

function timeWindows(
  sizeMs: number,
  advance: number | undefined,
  options: WindowOptions,
): TimeWindows {
  const advanceMs = advance ?? sizeMs;
  if (sizeMs <= 0) throw new TopologyError('The size of the windows must be larger than zero.');
  if (advanceMs <= 0 || advanceMs > sizeMs) {
    const range = `more than zero and no more than the size, which is ${sizeMs} ms`;
    throw new TopologyError(`The advance of the windows is ${advanceMs} ms, but must be ${range}.`);
  }
  return { kind: 'time', sizeMs, advanceMs, graceMs: graceOf(options) };
}

function graceOf({ grace = 0 }: WindowOptions): number {
  return durationMs(grace, 'The grace period');
}
