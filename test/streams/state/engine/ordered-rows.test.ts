import { describe, expect, it } from 'vitest';
import { ByteTable } from '../../../../src/streams/state/engine/byte-table.ts';
import { OrderedRows } from '../../../../src/streams/state/engine/ordered-rows.ts';

const NOTHING = new Uint8Array(0);

function keysOf(table: ByteTable, rows: Int32Array): string[] {
  return Array.from(rows, (row) => table.keyBytes(row).toString('latin1'));
}

describe('OrderedRows', () => {
  it('gives the keys of any range in order while rows come and go', () => {
    let state = 7;
    const next = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const table = new ByteTable();
    const ordered = new OrderedRows(table);
    const known = new Set<string>();
    for (let round = 0; round < 300; round++) {
      for (let each = 0; each < 60; each++) {
        const key = `user-${next(9000)}`;
        const row = table.find(Buffer.from(key));
        if (next(3) > 0) {
          table.put(Buffer.from(key), NOTHING, -1);
          known.add(key);
        } else if (row >= 0) {
          table.unset(row);
          known.delete(key);
        }
      }
      if (next(2) === 0) table.settle();
      const [from, to] = [`user-${next(9000)}`, `user-${next(9000)}`].sort();
      const inclusive = next(2) === 0;
      const rows = ordered.between(Buffer.from(from!), Buffer.from(to!), inclusive);
      const expected = [...known].sort().filter((key) => key >= from! && key <= to!);
      expect(keysOf(table, rows)).toEqual(inclusive ? expected : expected.filter((k) => k !== to));
    }
    expect(keysOf(table, ordered.between(null, null))).toEqual([...known].sort());
  });

  it('orders by unsigned bytes, a prefix before what is longer', () => {
    const table = new ByteTable();
    const ordered = new OrderedRows(table);
    const keys = [[0xff], [0x7f, 0xff], [0x7f], [], [0x80], [0, 0], [0]];
    for (const key of keys) table.put(Uint8Array.from(key), NOTHING, -1);
    const found = Array.from(ordered.between(null, null), (row) => [...table.keyBytes(row)]);
    expect(found).toEqual([[], [0], [0, 0], [0x7f], [0x7f, 0xff], [0x80], [0xff]]);
  });
});
