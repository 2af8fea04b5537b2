/** Hears of rows that come and go, so that other orders of the rows can be kept. */
export interface RowListener {
  added(row: number): void;
  /** Called while the row's key can still be read. */
  removed(row: number): void;
}
