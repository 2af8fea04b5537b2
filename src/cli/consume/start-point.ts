import { UsageError } from '../usage-error.ts';

/** Where to begin. */
export type StartPoint =
  | { readonly at: 'earliest' | 'latest' | 'stored' }
  | { readonly at: 'offset'; readonly offset: number }
  /** So many records before the end. */
  | { readonly at: 'tail'; readonly count: number }
  /** The first record that is as new. */
  | { readonly at: 'time'; readonly timeMs: number };

export interface ReadRange {
  /** Null where nothing was said. */
  readonly start: StartPoint | null;
  /** The first record that is as new is not printed, nor what follows. */
  readonly stopTimeMs: number | null;
}

const MARKS: Readonly<Record<string, 'earliest' | 'latest' | 'stored'>> = {
  beginning: 'earliest',
  earliest: 'earliest',
  end: 'latest',
  latest: 'latest',
  stored: 'stored',
};

/** kcat's -o, as often as it is given: `beginning`, `end`, `stored`, N, -N, `s@ms`, `e@ms`. */
export function readRange(texts: readonly string[]): ReadRange {
  let start: StartPoint | null = null;
  let stopTimeMs: number | null = null;
  for (const text of texts) {
    if (text.startsWith('e@')) stopTimeMs = whole(text.slice(2), text);
    else if (start !== null) throw new UsageError(`-o ${text}: there is a start already`);
    else start = startPoint(text);
  }
  return { start, stopTimeMs };
}

function startPoint(text: string): StartPoint {
  const mark = MARKS[text];
  if (mark !== undefined) return { at: mark };
  if (text.startsWith('s@')) return { at: 'time', timeMs: whole(text.slice(2), text) };
  if (text.startsWith('-')) return { at: 'tail', count: whole(text.slice(1), text) };
  return { at: 'offset', offset: whole(text, text) };
}

function whole(digits: string, text: string): number {
  if (/^\d+$/.test(digits) && Number.isSafeInteger(Number(digits))) return Number(digits);
  const what = 'earliest, latest, stored, an offset, -N, s@MS or e@MS';
  throw new UsageError(`--from ${text}: expected ${what}`);
}
