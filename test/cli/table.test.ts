import { describe, expect, it } from 'vitest';
import { renderTable } from '../../src/cli/table.ts';

interface Row {
  readonly name: string;
  readonly count: number | null;
}

const COLUMNS = [
  { title: 'NAME', value: (row: Row) => row.name },
  { title: 'COUNT', value: (row: Row) => row.count },
];

describe('renderTable', () => {
  it('aligns texts to the left, numbers to the right, without spaces at the end', () => {
    const rows = [
      { name: 'orders', count: 12_345 },
      { name: 'p', count: null },
    ];
    expect(renderTable(COLUMNS, rows)).toBe(
      ['NAME    COUNT', 'orders  12345', 'p           -', ''].join('\n'),
    );
  });

  it('shows the titles of an empty table', () => {
    expect(renderTable(COLUMNS, [])).toBe('NAME  COUNT\n');
  });

  it('lets no control character through', () => {
    const text = renderTable(COLUMNS, [{ name: 'a\u001b[31m\nb\u202e', count: 1 }]);
    expect(text.split('\n')[1]).toBe('a\\u001b[31m\\nb\\u202e      1');
  });
});
