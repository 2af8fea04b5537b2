import { baseOffset, isTransactional, producerId } from '../../records/batch-layout.ts';

/** The offsets of an aborted transaction, from its first record to its marker. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Which batches of a stretch belong to transactions that were aborted. */
export class AbortedBatches {
  /** The transactions of each producer. They follow each other in the log. */
  readonly #byProducer = new Map<number, AbortedTransaction[]>();

  /** The transactions are in the order of their markers. */
  constructor(aborted: readonly AbortedTransaction[]) {
    for (const transaction of aborted) {
      const known = this.#byProducer.get(transaction.producerId);
      if (known === undefined) this.#byProducer.set(transaction.producerId, [transaction]);
      else known.push(transaction);
    }
  }

  static of(aborted: readonly AbortedTransaction[]): AbortedBatches {
    return aborted.length === 0 ? NONE_ABORTED : new AbortedBatches(aborted);
  }

  /** Whether the batch at this byte is of an aborted transaction. */
  has(bytes: Buffer, at: number): boolean {
    if (this.#byProducer.size === 0 || !isTransactional(bytes, at)) return false;
    const transactions = this.#byProducer.get(producerId(bytes, at));
    if (transactions === undefined) return false;
    const offset = baseOffset(bytes, at);
    let low = 0;
    let high = transactions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (transactions[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low < transactions.length && transactions[low]!.firstOffset <= offset;
  }
}

export const NONE_ABORTED = new AbortedBatches([]);
