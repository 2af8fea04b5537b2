import {
  isControl,
  isTransactional,
  lastOffset,
  producerId,
} from '../../../records/batch-layout.ts';
import { CONTROL_TYPE, controlType } from '../../../records/control-record.ts';
import { RecordCursor } from '../../../records/record-iterator.ts';

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/**
 * Which batches of a fetched run belong to aborted transactions. The batches are shown to it one
 * after the other.
 */
export class AbortedTransactions {
  /** By their first offset, which brokers do not promise. */
  readonly #ahead: AbortedTransaction[];
  readonly #open = new Set<number>();
  readonly #cursor = new RecordCursor();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#ahead = [...aborted].sort((one, other) => other.firstOffset - one.firstOffset);
  }

  /** Whether the batch at `at` is to be left out. */
  covers(bytes: Buffer, at: number): boolean {
    const producer = producerId(bytes, at);
    if (producer < 0) return false;
    const last = lastOffset(bytes, at);
    for (let next = this.#ahead.at(-1); next !== undefined; next = this.#ahead.at(-1)) {
      if (next.firstOffset > last) break;
      this.#open.add(next.producerId);
      this.#ahead.pop();
    }
    if (!isTransactional(bytes, at) || !this.#open.has(producer)) return false;
    if (isControl(bytes, at)) {
      if (this.#isAbortMarker(bytes, at)) this.#open.delete(producer);
      return false;
    }
    return true;
  }

  #isAbortMarker(bytes: Buffer, at: number): boolean {
    this.#cursor.open(bytes, at);
    return this.#cursor.next() && controlType(this.#cursor) === CONTROL_TYPE.ABORT;
  }
}
