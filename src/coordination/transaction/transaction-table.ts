import type { TransactionSettings } from '../../base/transaction-settings.ts';
import type { Answer, CoordinatorRecord, Effects } from '../effects.ts';
import type { MarkerWrite } from '../end-marker.ts';
import type { Transaction } from './transaction.ts';
import { transactionRecord, transactionTombstone } from './transaction-records.ts';
import { isPrepared, TRANSACTION_STATE } from './transaction-states.ts';

export interface TransactionParts {
  readonly settings: TransactionSettings;
  readonly topics: PartitionCounts;
  /** A producer id that nobody has, or -1 where none is at hand: the next comes in a moment. */
  takeProducerId(): number;
}

export interface PartitionCounts {
  /** 0 for a topic that does not exist. */
  partitionCount(topic: string): number;
}

/**
 * The transactions of a shard, and the effects of its current step. State is ahead of the log: a
 * step takes effect at once, and its answer waits for its records.
 */
export class TransactionTable {
  readonly parts: TransactionParts;
  /** Of the coordinator, as markers carry it. */
  readonly coordinatorEpoch: number;
  readonly #byId = new Map<string, Transaction>();
  readonly #ongoing = new Set<Transaction>();
  readonly #preparedByProducer = new Map<number, Transaction>();
  nowMs = 0;
  wallMs = 0;
  #records: CoordinatorRecord[] = [];
  #responses: Answer[] = [];
  #markers: MarkerWrite[] = [];

  constructor(parts: TransactionParts, coordinatorEpoch: number) {
    this.parts = parts;
    this.coordinatorEpoch = coordinatorEpoch;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(transactionalId: string): Transaction | undefined {
    return this.#byId.get(transactionalId);
  }

  all(): Iterable<Transaction> {
    return this.#byId.values();
  }

  ongoing(): Iterable<Transaction> {
    return this.#ongoing;
  }

  prepared(): Iterable<Transaction> {
    return this.#preparedByProducer.values();
  }

  preparedOf(producerId: number): Transaction | undefined {
    return this.#preparedByProducer.get(producerId);
  }

  begin(nowMs: number, wallMs: number): void {
    this.nowMs = nowMs;
    this.wallMs = wallMs;
  }

  /** Hands over what the step has gathered and starts afresh. */
  take(): Effects {
    const records = this.#records;
    const responses = this.#responses;
    const markers = this.#markers;
    this.#records = [];
    this.#responses = [];
    this.#markers = [];
    return { records, responses, producer: null, markers };
  }

  answer(ticket: number, body: object): void {
    this.#responses.push({ ticket, body });
  }

  /** Writes the new state of a transaction to the log. */
  persist(transaction: Transaction): void {
    const { transactionVersion } = this.parts.settings;
    this.put(transaction);
    this.#records.push(transactionRecord(transaction, transactionVersion));
  }

  /** Takes a transaction in its state, which the log has already. */
  put(transaction: Transaction): void {
    const { transactionalId, producerId, state } = transaction;
    const before = this.#byId.get(transactionalId);
    if (before !== undefined && before !== transaction) this.remove(transactionalId);
    this.#byId.set(transactionalId, transaction);
    if (state === TRANSACTION_STATE.ongoing) this.#ongoing.add(transaction);
    else this.#ongoing.delete(transaction);
    if (isPrepared(state)) this.#preparedByProducer.set(producerId, transaction);
  }

  /** All markers are written. The producer id may change with it. */
  complete(transaction: Transaction): void {
    this.#preparedByProducer.delete(transaction.producerId);
    transaction.complete(this.wallMs);
    this.persist(transaction);
  }

  remove(transactionalId: string): void {
    const transaction = this.#byId.get(transactionalId);
    if (transaction === undefined) return;
    this.#byId.delete(transactionalId);
    this.#ongoing.delete(transaction);
    this.#preparedByProducer.delete(transaction.producerId);
  }

  /** The id was not used for so long that it is forgotten. */
  forget(transactionalId: string): void {
    this.remove(transactionalId);
    this.#records.push(transactionTombstone(transactionalId));
  }

  /** Asks for the markers of a prepared transaction in all partitions that lack one. */
  askForMarkers(transaction: Transaction): void {
    for (const [topic, partitions] of transaction.partitions.topics()) {
      for (const partition of partitions) {
        this.askForMarker(this.#markerOf(transaction, topic, partition));
      }
    }
  }

  askForMarker(marker: MarkerWrite): void {
    this.#markers.push(marker);
  }

  #markerOf(transaction: Transaction, topic: string, partition: number): MarkerWrite {
    return {
      topic,
      partition,
      producerId: transaction.producerId,
      producerEpoch: transaction.producerEpoch,
      coordinatorEpoch: this.coordinatorEpoch,
      isCommit: transaction.state === TRANSACTION_STATE.prepareCommit,
      transactionVersion: transaction.clientVersion,
    };
  }
}
