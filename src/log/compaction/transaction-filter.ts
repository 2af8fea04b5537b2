import { baseOffset, isTransactional, lastOffset, producerId } from '../../records/batch-layout.ts';
import { storedMarker } from '../../records/stored-marker.ts';
import type { AbortedTransaction } from '../transactions/aborted-transaction.ts';

interface OpenAbort {
  readonly aborted: AbortedTransaction;
  hasRecords: boolean;
}

/**
 * Follows the transactions of a log that is read from its beginning, or from where it was cleaned
 * to: which records were aborted, and which markers have no records left that need them.
 */
export class TransactionFilter {
  /** The last abort marker has records that need it; null where it was another one. */
  needed: AbortedTransaction | null = null;
  readonly #aborted: readonly AbortedTransaction[];
  #next = 0;
  readonly #openAborts = new Map<number, OpenAbort>();
  readonly #openCommits = new Set<number>();

  /** All that were aborted with records in what is read, by their first offsets. */
  constructor(aborted: readonly AbortedTransaction[]) {
    this.#aborted = aborted;
  }

  /** Whether the records of a batch were aborted. */
  isAborted(bytes: Buffer, at: number): boolean {
    this.#openUpTo(bytes, at);
    if (!isTransactional(bytes, at)) return false;
    const id = producerId(bytes, at);
    const open = this.#openAborts.get(id);
    if (open === undefined) this.#openCommits.add(id);
    else open.hasRecords = true;
    return open !== undefined;
  }

  /** Whether no record needs the marker of this control batch any more. */
  isSpent(bytes: Buffer, at: number): boolean {
    this.#openUpTo(bytes, at);
    this.needed = null;
    const marker = storedMarker(bytes, at);
    if (marker === null) return true;
    const id = producerId(bytes, at);
    if (marker.isCommit) return !this.#openCommits.delete(id);
    const open = this.#openAborts.get(id);
    this.#openAborts.delete(id);
    if (open?.hasRecords !== true) return true;
    this.needed = open.aborted;
    return false;
  }

  /** Those that ended before this batch are over: reading may begin behind their markers. */
  #openUpTo(bytes: Buffer, at: number): void {
    const aborted = this.#aborted;
    const base = baseOffset(bytes, at);
    const last = lastOffset(bytes, at);
    while (this.#next < aborted.length && aborted[this.#next]!.firstOffset <= last) {
      const next = aborted[this.#next++]!;
      if (next.lastOffset < base) continue;
      this.#openAborts.set(next.producerId, { aborted: next, hasRecords: false });
    }
  }
}
