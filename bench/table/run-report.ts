/** All that a run of the table found out: what `-o json` prints and the page is made of. */
import type { Limits } from '../limits/limits.ts';
import type { RunOrigin } from '../run-origin.ts';
import type { TableRow } from './table-report.ts';

export interface RunReport {
  readonly origin: RunOrigin;
  /** All memory of a Node process that does nothing. A smaller bound is raised to it. */
  readonly floorMib: number;
  /** The anonymous part of it. */
  readonly floorAnonymousMib: number;
  /** What the machine can do; absent in runs that did not measure it. */
  readonly limits?: Limits;
  readonly rows: readonly TableRow[];
}
