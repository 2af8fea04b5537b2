import { Transaction } from './transaction.ts';

/**
 * The transactions of a partition that bound what readers of committed records see: those that are
 * open, and those whose marker is not under the high watermark yet. They are kept in the order of
 * their first offsets, so that the first of them is the last stable offset.
 */
export class OpenTransactions {
  #first: Transaction | null = null;
  #last: Transaction | null = null;
  /** In the order of their markers. */
  #decided: Transaction[] = [];
  #openCount = 0;

  /** The one that readers of committed records must not pass. */
  get first(): Transaction | null {
    return this.#first;
  }

  get openCount(): number {
    return this.#openCount;
  }

  /** The transaction's records are the newest of the partition. */
  begin(
    producerId: number,
    firstOffset: number,
    segmentBase?: number,
    position?: number,
  ): Transaction {
    const begun = new Transaction(producerId, firstOffset, segmentBase, position);
    const last = this.#last;
    if (last === null) this.#first = begun;
    else last.next = begun;
    begun.previous = last;
    this.#last = begun;
    this.#openCount++;
    return begun;
  }

  /** Its marker was appended. Readers still wait for the high watermark to pass the marker. */
  decide(transaction: Transaction, markerOffset: number): void {
    transaction.markerOffset = markerOffset;
    this.#decided.push(transaction);
    this.#openCount--;
  }

  /** What the last stable offset is once `ending`, by a marker at this offset, is readable. */
  stableAfter(ending: Transaction, markerOffset: number): number {
    let next = this.#first;
    while (next !== null && (next === ending || !next.isOpen)) next = next.next;
    return next === null ? markerOffset + 1 : next.firstOffset;
  }

  /** The high watermark has moved. */
  settle(highWatermark: number): void {
    const decided = this.#decided;
    let count = 0;
    while (count < decided.length && decided[count]!.markerOffset < highWatermark) {
      this.#unlink(decided[count]!);
      count++;
    }
    if (count === decided.length) decided.length = 0;
    else if (count > 0) decided.splice(0, count);
  }

  #unlink({ previous, next }: Transaction): void {
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
  }

  clear(): void {
    this.#first = null;
    this.#last = null;
    this.#decided = [];
    this.#openCount = 0;
  }
}
