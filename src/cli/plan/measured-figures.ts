import { readFileSync } from 'node:fs';
import { reasonOf, systemCodeOf } from '../../base/errors.ts';
import { UsageError } from '../usage-error.ts';

/** Where a run of the benchmarks with `--save` leaves its figures, in a clone. */
const LAST_RUN = 'bench/results/latest.json';

interface SavedRow {
  readonly scenario: string;
  readonly millrace: Readonly<Record<string, number>>;
}

/** Figures of a saved run of the benchmarks, by scenario and figure. */
export class MeasuredFigures {
  readonly path: string;
  readonly #rows: ReadonlyMap<string, Readonly<Record<string, number>>>;

  private constructor(path: string, rows: readonly SavedRow[]) {
    this.path = path;
    this.#rows = new Map(rows.map(({ scenario, millrace }) => [scenario, millrace]));
  }

  /** Of the given file, else of the last run in this folder, else none. */
  static read(given: string | undefined): MeasuredFigures {
    const path = given ?? LAST_RUN;
    try {
      return new MeasuredFigures(path, rowsOf(JSON.parse(readFileSync(path, 'utf8'))));
    } catch (error) {
      if (given === undefined && systemCodeOf(error) === 'ENOENT') {
        return new MeasuredFigures(path, []);
      }
      throw new UsageError(`${path} holds no figures of a run with --save: ${reasonOf(error)}`);
    }
  }

  figure(scenario: string, name: string): number | undefined {
    const value = this.#rows.get(scenario)?.[name];
    return typeof value === 'number' && value > 0 ? value : undefined;
  }
}

function rowsOf(saved: unknown): readonly SavedRow[] {
  const rows = (saved as { rows?: unknown } | null)?.rows;
  if (!Array.isArray(rows)) throw new Error('there is no list of rows in it');
  return rows.filter((row): row is SavedRow => isRow(row));
}

function isRow(row: unknown): boolean {
  const { scenario, millrace } = (row ?? {}) as Partial<SavedRow>;
  return typeof scenario === 'string' && typeof millrace === 'object' && millrace !== null;
}
