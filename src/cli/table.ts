import { printable } from './printable.ts';

export interface TableColumn<Row> {
  readonly title: string;
  /** Null is shown as '-'. */
  readonly value: (row: Row) => string | number | null;
}

const GAP = '  ';
const NOTHING = '-';

/** Aligned columns under their titles; those of numbers to the right. */
export function renderTable<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): string {
  const cells = columns.map(({ title, value }) => {
    const values = rows.map(value);
    const isNumeric =
      values.some((each) => typeof each === 'number') &&
      values.every((each) => each === null || typeof each === 'number');
    const texts = [title, ...values.map((each) => textOf(each))];
    const width = Math.max(...texts.map((text) => text.length));
    return texts.map((text) => (isNumeric ? text.padStart(width) : text.padEnd(width)));
  });
  let text = '';
  for (let row = 0; row <= rows.length; row++) {
    text += `${cells
      .map((column) => column[row]!)
      .join(GAP)
      .trimEnd()}\n`;
  }
  return text;
}

function textOf(value: string | number | null): string {
  if (value === null || value === '') return NOTHING;
  return typeof value === 'number' ? String(value) : printable(value);
}
