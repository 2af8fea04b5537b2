import { describe, expect, it } from 'vitest';
import { ByteTable } from '../../../../src/streams/state/engine/byte-table.ts';
import { RowView } from '../../../../src/streams/state/engine/row-view.ts';

const SEED = 20_261_130;

/** A small generator of numbers that gives the same ones every time. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function contents(table: ByteTable): Map<string, string> {
  const found = new Map<string, string>();
  for (let row = 0; row < table.rowsEnd; row++) {
    if (!table.isLive(row)) continue;
    found.set(table.keyBytes(row).toString(), textOf(table, row));
  }
  return found;
}

function textOf(table: ByteTable, row: number): string {
  const start = table.valueStart(row);
  return table.chunkOf(row).toString('latin1', start, start + table.valueLength(row));
}

function get(table: ByteTable, key: string): string | undefined {
  const row = table.find(Buffer.from(key));
  return row >= 0 && table.isLive(row) ? textOf(table, row) : undefined;
}

function randomValue(next: (below: number) => number): string {
  const length = next(20) === 0 ? next(5000) : next(200);
  return String.fromCharCode(97 + next(26)).repeat(length);
}

describe('ByteTable', () => {
  it('says what a Map says through writes, removals, commits and aborts', () => {
    const next = numbersFrom(SEED);
    const table = new ByteTable({ stamped: true });
    let committed = new Map<string, string>();
    let open = new Map<string, string>();
    for (let step = 0; step < 60_000; step++) {
      const key = `key-${next(700)}`;
      const chance = next(100);
      if (chance < 70) {
        const value = randomValue(next);
        table.put(Buffer.from(key), Buffer.from(value), step);
        open.set(key, value);
        expect(table.stampOf(table.find(Buffer.from(key)))).toBe(step);
      } else if (chance < 95) {
        const row = table.find(Buffer.from(key));
        if (row >= 0) table.unset(row);
        open.delete(key);
      } else if (chance < 97) {
        const row = table.find(Buffer.from(key));
        if (row >= 0 && table.isTouched(row)) table.markFlushed(row);
      } else if (chance < 99) {
        table.settle();
        committed = new Map(open);
      } else {
        table.revert();
        open = new Map(committed);
      }
      expect(get(table, key)).toBe(open.get(key));
      expect(table.count).toBe(open.size);
    }
    expect(contents(table)).toEqual(open);
    table.revert();
    expect(contents(table)).toEqual(committed);
  });

  it('loads rows from larger memory, over those that are there, but into no open transaction', () => {
    const table = new ByteTable({ stamped: true });
    const payload = Buffer.from(`..key${'v'.repeat(100)}..`);
    table.loadFrom(payload, 2, 5, 5, 8, 1);
    table.loadFrom(payload, 2, 5, 5, 105, 2);
    table.loadFrom(payload, 2, 5, 5, 106, 3);
    table.loadFrom(payload, 2, 4, 5, 5, 4);
    const expected = { key: `${'v'.repeat(100)}.`, ke: '' };
    expect(Object.fromEntries(contents(table))).toEqual(expected);
    expect(table.stampOf(table.find(Buffer.from('key')))).toBe(3);
    table.revert();
    expect(Object.fromEntries(contents(table))).toEqual(expected);
    table.put(Buffer.from('key'), Buffer.from('open'), 5);
    const load = () => table.loadFrom(payload, 2, 5, 5, 6, 6);
    expect(load).toThrow(expect.objectContaining({ code: 'STATE_ARGUMENT' }));
    table.revert();
    expect(Object.fromEntries(contents(table))).toEqual(expected);
  });

  it('gives all memory back to be used again', () => {
    const table = new ByteTable();
    const value = Buffer.alloc(100);
    const round = () => {
      for (let each = 0; each < 5000; each++) table.put(Buffer.from(`k${each}`), value, -1);
      table.settle();
      for (let each = 0; each < 5000; each++) table.unset(table.find(Buffer.from(`k${each}`)));
      table.settle();
    };
    round();
    const { reservedBytes } = table.arena;
    for (let each = 0; each < 20; each++) round();
    expect(table.arena.usedBytes).toBe(0);
    expect(table.arena.reservedBytes).toBe(reservedBytes);
  });

  it('keeps the value that last left the record cache through further writes', () => {
    const table = new ByteTable();
    const key = Buffer.from('k');
    const row = table.put(key, Buffer.from('one'), -1);
    expect(table.flushedLength(row)).toBe(-1);
    table.markFlushed(row);
    table.set(row, Buffer.from('two'), -1);
    table.set(row, Buffer.from('three'), -1);
    const start = table.valueStartIn(table.flushedBlock(row), 1);
    const chunk = table.arena.chunkOf(table.flushedBlock(row));
    expect(chunk.toString('latin1', start, start + table.flushedLength(row))).toBe('one');
    table.settle();
    expect(get(table, 'k')).toBe('three');
  });

  it('shows a view what was there when it was made, whatever is written meanwhile', () => {
    const table = new ByteTable();
    const rows = ['a', 'b', 'c'].map((key) => table.put(Buffer.from(key), Buffer.from(key), -1));
    table.settle();
    const view = new RowView(table, Int32Array.from(rows), false, (block, keyLength, length) => {
      const start = table.valueStartIn(block, keyLength);
      return table.arena.chunkOf(block).toString('latin1', start, start + length);
    });
    expect(view.next().value).toBe('a');
    for (const key of ['b', 'c', 'd', 'e']) table.put(Buffer.from(key), Buffer.from('new'), -1);
    table.unset(rows[1]!);
    table.settle();
    for (let each = 0; each < 100; each++) table.put(Buffer.from(`f${each}`), Buffer.from('x'), -1);
    expect([...view]).toEqual(['b', 'c']);
    expect(table.held.isViewed).toBe(false);
  });

  it('holds values of any size, and refuses to pass its bound', () => {
    const table = new ByteTable({ bytesMax: 8 << 20 });
    const large = Buffer.alloc(3 << 20, 'l');
    table.put(Buffer.from('large'), large, -1);
    table.settle();
    expect(get(table, 'large')).toBe(large.toString('latin1'));
    table.put(Buffer.from('large'), Buffer.from('small'), -1);
    table.settle();
    expect(get(table, 'large')).toBe('small');
    const fill = () => {
      for (let each = 0; ; each++) table.put(Buffer.from(`k${each}`), large, -1);
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'STATE_FULL' }));
    table.revert();
    expect(contents(table)).toEqual(new Map([['large', 'small']]));
  });

  it('costs little while it holds little', () => {
    const table = new ByteTable();
    table.put(Buffer.from('k'), Buffer.from('v'), -1);
    expect(table.bytes).toBeLessThan(5000);
  });
});
