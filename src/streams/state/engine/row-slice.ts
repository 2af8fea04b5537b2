import type { RowList } from './row-list.ts';

/** Rows of a stretch of time, some more than once, and some whose time has become another. */
export interface RowSlice {
  readonly rows: RowList;
  readonly from: number;
  readonly to: number;
}
