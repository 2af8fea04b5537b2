import type { RecordHeaders } from '../../../client/consumer/records/record-headers.ts';
import type { StoreContext } from '../../topology/state-store.ts';
import type { ByteTable } from '../engine/byte-table.ts';
import { RowList } from '../engine/row-list.ts';
import type { CacheBudget } from './cache-budget.ts';

/** Of a cached update, beside its key and value. */
const ENTRY_BYTES = 64;
const NONE = -1;

/** Gives a row's update on, and tells the table so by `markFlushed` before anybody hears of it. */
export type RowFlusher = (row: number, timestamp: number, headers: RecordHeaders) => void;

/**
 * The record cache of one store. The updates themselves stand in the table, and what was there when
 * the row last left the cache in its journal. So the cache knows only which rows wait, in the order
 * of their last update, and of what record that was.
 */
export class RecordCache {
  readonly #table: ByteTable;
  readonly #budget: CacheBudget;
  readonly #flushRow: RowFlusher;
  /** Rows in the order of their last update; those that were updated again are -1. */
  #order = new RowList();
  /** By the journal's slot. */
  readonly #places: number[] = [];
  readonly #bytes: number[] = [];
  readonly #timestamps: number[] = [];
  readonly #headers: RecordHeaders[] = [];
  readonly #topics: string[] = [];
  readonly #partitions: number[] = [];
  readonly #offsets: number[] = [];
  #isFlushing = false;
  #context!: StoreContext;
  /** Updates since the start, and how many of them were of rows that waited already. */
  writes = 0;
  hits = 0;

  constructor(table: ByteTable, budget: CacheBudget, flushRow: RowFlusher) {
    this.#table = table;
    this.#budget = budget;
    this.#flushRow = flushRow;
  }

  /** The open transaction has written the row. */
  add(row: number, timestamp: number, context: StoreContext): void {
    const table = this.#table;
    const slot = table.slotOf(row);
    const place = this.#places[slot] ?? NONE;
    this.writes++;
    if (place !== NONE) {
      this.hits++;
      this.#order.set(place, NONE);
      this.#budget.bytes -= this.#bytes[slot]!;
    }
    const bytes = table.keyLength(row) + Math.max(table.valueLength(row), 0) + ENTRY_BYTES;
    this.#places[slot] = this.#order.length;
    this.#bytes[slot] = bytes;
    this.#timestamps[slot] = timestamp;
    this.#headers[slot] = context.headers;
    this.#topics[slot] = context.topic;
    this.#partitions[slot] = context.partition;
    this.#offsets[slot] = context.offset;
    this.#order.push(row);
    this.#budget.bytes += bytes;
    this.#context = context;
    if (this.#budget.isExceeded && !this.#isFlushing) this.flush();
  }

  /** What the updates take that wait. It counts them, so it is for those who ask now and then. */
  get bytes(): number {
    let sum = 0;
    for (let at = 0; at < this.#order.length; at++) {
      const row = this.#order.at(at);
      if (row !== NONE) sum += this.#bytes[this.#table.slotOf(row)]!;
    }
    return sum;
  }

  /** Gives all updates on. What is updated meanwhile is given on too. */
  flush(): void {
    this.#isFlushing = true;
    try {
      while (this.#order.length > 0) {
        const order = this.#order;
        this.#order = new RowList();
        for (let at = 0; at < order.length; at++) {
          if (order.at(at) !== NONE) this.#places[this.#table.slotOf(order.at(at))] = NONE;
        }
        for (let at = 0; at < order.length; at++) {
          if (order.at(at) !== NONE) this.#flush(order.at(at));
        }
      }
    } finally {
      this.#isFlushing = false;
    }
  }

  /** The transaction is over, and the journal with it. */
  clear(): void {
    for (let at = 0; at < this.#order.length; at++) {
      const row = this.#order.at(at);
      if (row !== NONE) this.#budget.bytes -= this.#bytes[this.#table.slotOf(row)]!;
    }
    this.#order = new RowList();
    this.#places.length = 0;
    this.#bytes.length = 0;
    this.#timestamps.length = 0;
    this.#headers.length = 0;
    this.#topics.length = 0;
    this.#partitions.length = 0;
    this.#offsets.length = 0;
  }

  #flush(row: number): void {
    const slot = this.#table.slotOf(row);
    this.#budget.bytes -= this.#bytes[slot]!;
    const [topic, partition] = [this.#topics[slot]!, this.#partitions[slot]!];
    this.#context.atOrigin(topic, partition, this.#offsets[slot]!, () => {
      this.#flushRow(row, this.#timestamps[slot]!, this.#headers[slot]!);
    });
  }
}
