import { renameSync, rmSync } from 'node:fs';
import { failPoint } from '../../../base/fail-point.ts';
import { Journal } from '../engine/journal.ts';
import type { TableStore } from '../stores/table-store.ts';
import { onDisk } from './on-disk.ts';
import { RECORD, RecordWriter } from './record-writer.ts';
import { StateFile } from './state-file.ts';

/** How far the stores were when a snapshot began. */
export interface Progress {
  readonly offset: number;
  readonly time: number;
}

const PART_BYTES = 256 << 10;

/**
 * A snapshot that is written a part at a time, while the stores go on. A part may show a later
 * state than the beginning: the log that was begun with the snapshot says all of it again. Rows are
 * walked by their numbers, so that each row that was there at the beginning and is not in that log
 * is met.
 */
export class Snapshot {
  readonly #file: StateFile;
  readonly #path: string;
  readonly #stores: readonly TableStore[];
  readonly #progress: readonly Progress[];
  readonly #writer = new RecordWriter();
  #store = 0;
  #row = 0;

  constructor(
    unfinished: string,
    path: string,
    head: string,
    stores: readonly TableStore[],
    progress: readonly Progress[],
  ) {
    this.#file = StateFile.create(unfinished);
    this.#path = path;
    this.#stores = stores;
    this.#progress = progress;
    this.#writer.begin(RECORD.HEAD);
    this.#writer.text(head);
    this.#append();
  }

  get size(): number {
    return this.#file.size;
  }

  /** Writes about so many bytes. */
  step(bytes: number): void {
    const end = this.#file.size + bytes;
    while (this.#file.size < end && !this.isWhole) this.#part();
  }

  /** Whether all rows are written. */
  get isWhole(): boolean {
    return this.#store === this.#stores.length;
  }

  close(): void {
    this.#file.close();
  }

  /** It will not be finished. */
  drop(): void {
    this.#file.close();
    rmSync(this.#file.path, { force: true });
  }

  #part(): void {
    const { table } = this.#stores[this.#store]!;
    const writer = this.#writer;
    writer.begin(RECORD.ROWS);
    writer.beginStore(this.#store, -1, -1);
    for (; this.#row < table.rowsEnd && writer.length < PART_BYTES; this.#row++) {
      const row = this.#row;
      if (!table.isRow(row)) continue;
      if (!table.isTouched(row)) {
        writer.row(table, row);
        continue;
      }
      const { slots } = table.journal;
      const at = table.slotOf(row) * Journal.STRIDE;
      const before = slots[at + 1]!;
      if (before !== 0) writer.block(table, before, table.keyLength(row), slots[at + 2]!);
    }
    writer.endStore();
    this.#append();
    failPoint?.('streams-snapshot-part');
    if (this.#row < table.rowsEnd) return;
    this.#store++;
    this.#row = 0;
  }

  /** Gives a whole one its name: from now on it stands for the logs before it. */
  finish(): void {
    this.#writer.begin(RECORD.END);
    for (const [number, { offset, time }] of this.#progress.entries()) {
      this.#writer.beginStore(number, offset, time);
      this.#writer.endStore();
    }
    this.#append();
    onDisk(`the snapshot ${this.#path} cannot be named`, () => {
      renameSync(this.#file.path, this.#path);
    });
    this.#file.close();
  }

  #append(): void {
    this.#file.append(this.#writer.record, this.#writer.length);
  }
}
