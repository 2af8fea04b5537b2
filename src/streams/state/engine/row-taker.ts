/** Gets rows one by one. */
export type RowTaker = (row: number) => void;
