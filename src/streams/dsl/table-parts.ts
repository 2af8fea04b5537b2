import type { StreamParts } from './stream-parts.ts';
import type { TableMaker } from './tables/table-maker.ts';

/** What every table consists of, beneath its types. */
export interface TableParts extends StreamParts {
  readonly maker: TableMaker;
  /** Under which it can be queried; undefined where it was not named. */
  readonly storeName: string | undefined;
}
