import { type Duration, durationMs } from '../topology/duration.ts';
import type { NameOptions } from './operator-options.ts';
import type { SuppressSettings } from './processors/suppress.ts';

/** How much a suppression may hold back. */
export interface SuppressOptions extends NameOptions {
  /** Keys held back at most; no bound by default. */
  readonly maxRecords?: number | undefined;
  /** Bytes held back at most; no bound by default. */
  readonly maxBytes?: number | undefined;
  /** False has no changelog; an object has settings of its topic. */
  readonly logging?: boolean | Readonly<Record<string, string>> | undefined;
}

/** What a suppression by time does when it is full. */
export interface TimeLimitOptions extends SuppressOptions {
  /** `emit` gives the oldest early, which is the default with a bound; `shut-down` fails. */
  readonly whenFull?: 'emit' | 'shut-down' | undefined;
}

/** What `suppress` takes: made by `untilWindowCloses` or `untilTimeLimit`. */
export interface Suppressed extends SuppressOptions {
  /** Undefined waits for the grace of the window. */
  readonly durationMs: number | undefined;
  /** What happens when it holds too much. */
  readonly whenFull: SuppressSettings['whenFull'];
}

/** Only the last result of each window, when the window can change no more. */
export function untilWindowCloses(options: SuppressOptions = {}): Suppressed {
  return { ...options, durationMs: undefined, whenFull: 'shut-down' };
}

/** At most one update of a key in this time, by the timestamps of the records. */
export function untilTimeLimit(limit: Duration, options: TimeLimitOptions = {}): Suppressed {
  const { whenFull = 'emit' } = options;
  return { ...options, durationMs: durationMs(limit, 'The limit of suppress'), whenFull };
}
