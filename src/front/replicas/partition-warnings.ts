import { type Logger, RateLimitedLog } from '../../base/logger.ts';

/** So many partitions are named; of the others the line has the number. */
const NAMED_MAX = 3;
const LOG_INTERVAL_MS = 10_000;

interface Gathered {
  readonly names: string[];
  count: number;
}

/**
 * What goes wrong with followed partitions, in one line for all to which the same happens: where a
 * leader goes away, it happens to thousands.
 */
export class PartitionWarnings {
  readonly #log: RateLimitedLog;
  readonly #gathered = new Map<string, Gathered>();

  constructor(logger: Logger) {
    this.#log = new RateLimitedLog(logger, LOG_INTERVAL_MS);
  }

  /** It is written by the next `tell`. */
  add(what: string, name: string): void {
    const known = this.#gathered.get(what);
    if (known === undefined) {
      this.#gathered.set(what, { names: [name], count: 1 });
      return;
    }
    known.count++;
    if (known.names.length < NAMED_MAX) known.names.push(name);
  }

  tell(nowMs: number): void {
    if (this.#gathered.size === 0) return;
    for (const [what, gathered] of this.#gathered) {
      this.#log.warn(what, `${subjectOf(gathered)}: ${what}`, nowMs);
    }
    this.#gathered.clear();
  }
}

function subjectOf({ names, count }: Gathered): string {
  if (count === 1) return names[0]!;
  const more = count > names.length ? ', …' : '';
  return `${count} partitions (${names.join(', ')}${more})`;
}
