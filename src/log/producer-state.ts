/**
 * What a partition remembers of its idempotent producers: the last five batches of each, by which a
 * retry is told from a gap.
 *
 *   window (oldest overwritten first), five times:
 *   | first sequence | last sequence | base offset | timestamp |
 */
import { SEQUENCE } from './outcome.ts';
import type { AbortedTransaction } from './transactions/aborted-transaction.ts';
import { OpenTransactions } from './transactions/open-transactions.ts';
import type { Transaction } from './transactions/transaction.ts';

export const WINDOW_BATCHES = 5;
const FIRST_SEQUENCE = 0;
const LAST_SEQUENCE = 1;
const BASE_OFFSET = 2;
const TIMESTAMP = 3;
const FIELDS = 4;
const MAX_SEQUENCE = 2 ** 31 - 1;
const EVICTION_SAMPLE = 32;

export const NO_SEQUENCE = -1;
export const NO_EPOCH = -1;
export const NO_OFFSET = -1;

/** Whether `next` continues a sequence that wraps from 2^31 - 1 to 0. */
export function followsSequence(last: number, next: number): boolean {
  return next === (last === MAX_SEQUENCE ? 0 : last + 1);
}

export class ProducerEntry {
  readonly producerId: number;
  epoch: number;
  lastSequence = NO_SEQUENCE;
  lastOffset = NO_OFFSET;
  /** Last offset of the newest batch less its first. */
  offsetDelta = 0;
  lastTimestamp = -1;
  coordinatorEpoch = -1;
  /** The transaction that is open, whatever the epoch it was opened in. */
  transaction: Transaction | null = null;
  /** When it was last heard of, by this process's wall clock: expiry counts from it. */
  seenMs: number;
  /** The newest batch of a producer that has only one: most never have another. */
  #onlyFirstSequence = NO_SEQUENCE;
  #onlyTimestamp = -1;
  /** Made for the second batch. */
  #window: Float64Array | null = null;
  #batches = 0;
  #next = 0;

  constructor(producerId: number, epoch: number, seenMs: number) {
    this.producerId = producerId;
    this.epoch = epoch;
    this.seenMs = seenMs;
  }

  /** The first offset of the open transaction, or NO_OFFSET. */
  get currentTxnFirstOffset(): number {
    return this.transaction === null ? NO_OFFSET : this.transaction.firstOffset;
  }

  get hasBatches(): boolean {
    return this.#batches > 0;
  }

  /** A new epoch counts its sequences from 0. */
  moveToEpoch(epoch: number): void {
    if (epoch === this.epoch) return;
    this.epoch = epoch;
    this.#batches = 0;
    this.#next = 0;
    this.lastSequence = NO_SEQUENCE;
    this.lastOffset = NO_OFFSET;
    this.offsetDelta = 0;
  }

  addBatch(
    firstSequence: number,
    lastSequence: number,
    baseOffset: number,
    lastOffset: number,
    timestamp: number,
  ): void {
    if (this.#batches > 0) {
      this.#window ??= this.#windowOfOne();
      this.#store(firstSequence, lastSequence, baseOffset, timestamp);
    } else if (this.#window !== null) {
      this.#store(firstSequence, lastSequence, baseOffset, timestamp);
    } else {
      this.#onlyFirstSequence = firstSequence;
      this.#onlyTimestamp = timestamp;
    }
    if (this.#batches < WINDOW_BATCHES) this.#batches++;
    this.lastSequence = lastSequence;
    this.lastOffset = lastOffset;
    this.offsetDelta = lastOffset - baseOffset;
    this.lastTimestamp = timestamp;
  }

  #windowOfOne(): Float64Array {
    const window = new Float64Array(WINDOW_BATCHES * FIELDS);
    window[FIRST_SEQUENCE] = this.#onlyFirstSequence;
    window[LAST_SEQUENCE] = this.lastSequence;
    window[BASE_OFFSET] = this.lastOffset - this.offsetDelta;
    window[TIMESTAMP] = this.#onlyTimestamp;
    this.#next = 1;
    return window;
  }

  #store(firstSequence: number, lastSequence: number, baseOffset: number, timestamp: number): void {
    const window = this.#window!;
    const at = this.#next * FIELDS;
    window[at + FIRST_SEQUENCE] = firstSequence;
    window[at + LAST_SEQUENCE] = lastSequence;
    window[at + BASE_OFFSET] = baseOffset;
    window[at + TIMESTAMP] = timestamp;
    this.#next = this.#next === WINDOW_BATCHES - 1 ? 0 : this.#next + 1;
  }

  /** The place of the batch with exactly these sequences in the window, or -1. */
  findBatch(firstSequence: number, lastSequence: number): number {
    if (this.#batches === 0) return -1;
    const window = this.#window;
    if (window === null) {
      const isSame =
        firstSequence === this.#onlyFirstSequence && lastSequence === this.lastSequence;
      return isSame ? 0 : -1;
    }
    const end = this.#batches * FIELDS;
    for (let at = 0; at < end; at += FIELDS) {
      if (
        window[at + FIRST_SEQUENCE] === firstSequence &&
        window[at + LAST_SEQUENCE] === lastSequence
      ) {
        return at;
      }
    }
    return -1;
  }

  baseOffsetAt(place: number): number {
    const window = this.#window;
    return window === null ? this.lastOffset - this.offsetDelta : window[place + BASE_OFFSET]!;
  }

  timestampAt(place: number): number {
    const window = this.#window;
    return window === null ? this.#onlyTimestamp : window[place + TIMESTAMP]!;
  }
}

export class ProducerState {
  readonly transactions = new OpenTransactions();
  readonly #producers = new Map<number, ProducerEntry>();
  readonly #maxProducers: number;
  expirationMs: number;
  /** Where the batch that check() called a duplicate lies. */
  duplicateOffset = NO_OFFSET;
  duplicateTimestamp = -1;
  /** The offset up to which (exclusive) all batches are reflected. */
  endOffset = 0;

  constructor(expirationMs: number, maxProducers: number) {
    this.expirationMs = expirationMs;
    this.#maxProducers = maxProducers;
  }

  get size(): number {
    return this.#producers.size;
  }

  entries(): IterableIterator<ProducerEntry> {
    return this.#producers.values();
  }

  entry(producerId: number): ProducerEntry | undefined {
    return this.#producers.get(producerId);
  }

  /** Whether a transaction is open that a transactional batch of this epoch belongs to. */
  hasOpenTransaction(producerId: number, epoch: number): boolean {
    const entry = this.#producers.get(producerId);
    return entry !== undefined && entry.epoch === epoch && entry.transaction !== null;
  }

  /** Before the append: one of SEQUENCE. A producer that is not known may start anywhere. */
  check(producerId: number, epoch: number, firstSequence: number, lastSequence: number): number {
    const entry = this.#producers.get(producerId);
    if (entry === undefined) return SEQUENCE.OK;
    if (epoch < entry.epoch) return SEQUENCE.OLD_EPOCH;
    if (epoch > entry.epoch) {
      const fresh = firstSequence === 0 || entry.epoch === NO_EPOCH;
      return fresh ? SEQUENCE.OK : SEQUENCE.OUT_OF_ORDER;
    }
    const place = entry.findBatch(firstSequence, lastSequence);
    if (place >= 0) {
      this.duplicateOffset = entry.baseOffsetAt(place);
      this.duplicateTimestamp = entry.timestampAt(place);
      return SEQUENCE.DUPLICATE;
    }
    return followsSequence(entry.lastSequence, firstSequence) ? SEQUENCE.OK : SEQUENCE.OUT_OF_ORDER;
  }

  /** After the append, and for every batch of a replay. */
  update(
    producerId: number,
    epoch: number,
    firstSequence: number,
    lastSequence: number,
    baseOffset: number,
    lastOffset: number,
    timestamp: number,
    wallMs: number,
  ): ProducerEntry {
    const entry = this.#seen(producerId, epoch, wallMs);
    entry.addBatch(firstSequence, lastSequence, baseOffset, lastOffset, timestamp);
    this.endOffset = lastOffset + 1;
    return entry;
  }

  #seen(producerId: number, epoch: number, wallMs: number): ProducerEntry {
    let entry = this.#producers.get(producerId);
    if (entry === undefined) {
      if (this.#producers.size >= this.#maxProducers) this.#evictOldest();
      entry = new ProducerEntry(producerId, epoch, wallMs);
      this.#producers.set(producerId, entry);
    }
    entry.moveToEpoch(epoch);
    entry.seenMs = wallMs;
    return entry;
  }

  /** A transactional batch of this producer starts here. Nothing changes in an open transaction. */
  beginTransaction(
    entry: ProducerEntry,
    baseOffset: number,
    segmentBase?: number,
    position?: number,
  ): void {
    if (entry.transaction !== null) return;
    const { producerId } = entry;
    entry.transaction = this.transactions.begin(producerId, baseOffset, segmentBase, position);
  }

  /** What an abort marker at this offset ends; null where the producer has no transaction open. */
  abortedBy(producerId: number, markerOffset: number): AbortedTransaction | null {
    const transaction = this.#producers.get(producerId)?.transaction ?? null;
    if (transaction === null) return null;
    const { firstOffset } = transaction;
    const lastStableOffset = this.transactions.stableAfter(transaction, markerOffset);
    return { producerId, firstOffset, lastOffset: markerOffset, lastStableOffset };
  }

  /** After a marker, and for every marker of a replay. Null where it ended no transaction. */
  endTransaction(
    producerId: number,
    epoch: number,
    coordinatorEpoch: number,
    markerOffset: number,
    timestamp: number,
    wallMs: number,
  ): Transaction | null {
    const entry = this.#seen(producerId, epoch, wallMs);
    const { transaction } = entry;
    entry.coordinatorEpoch = coordinatorEpoch;
    entry.lastTimestamp = timestamp;
    entry.transaction = null;
    if (transaction !== null) this.transactions.decide(transaction, markerOffset);
    this.endOffset = markerOffset + 1;
    return transaction;
  }

  /** Puts an entry in place as a snapshot has it. */
  restore(entry: ProducerEntry): void {
    const known = this.#producers.has(entry.producerId);
    if (!known && this.#producers.size >= this.#maxProducers) this.#evictOldest();
    this.#producers.set(entry.producerId, entry);
  }

  clear(): void {
    this.#producers.clear();
    this.transactions.clear();
    this.endOffset = 0;
  }

  /** Forgets producers that were silent for the expiry time and have no transaction open. */
  expire(wallMs: number): void {
    for (const entry of this.#producers.values()) {
      const silent = wallMs - entry.seenMs >= this.expirationMs;
      if (silent && entry.transaction === null) this.#producers.delete(entry.producerId);
    }
  }

  /**
   * Clients can invent producers without end. At the limit, the one that was silent longest among
   * the oldest entries is dropped.
   */
  #evictOldest(): void {
    let oldest: ProducerEntry | null = null;
    let looked = 0;
    for (const entry of this.#producers.values()) {
      if (entry.transaction !== null) continue;
      if (oldest === null || entry.seenMs < oldest.seenMs) oldest = entry;
      if (++looked === EVICTION_SAMPLE) break;
    }
    if (oldest !== null) this.#producers.delete(oldest.producerId);
  }
}
