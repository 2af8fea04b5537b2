import { MillraceError } from '../../base/errors.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type { InitProducerIdRequest } from '../../protocol/schema/22-init-producer-id.ts';
import type { AddPartitionsToTxnRequest } from '../../protocol/schema/24-add-partitions-to-txn.ts';
import type { AddOffsetsToTxnRequest } from '../../protocol/schema/25-add-offsets-to-txn.ts';
import type { EndTxnRequest } from '../../protocol/schema/26-end-txn.ts';
import type * as describing from '../../protocol/schema/65-describe-transactions.ts';
import type { ListTransactionsRequest } from '../../protocol/schema/66-list-transactions.ts';
import type { CoordinatorCall, CoordinatorShard } from '../coordinator-shard.ts';
import type { Effects } from '../effects.ts';
import type { MarkerWrite } from '../end-marker.ts';
import { addOffsets, addPartitions } from './add-partitions.ts';
import { endTransaction, fenceAndAbort } from './end-transaction.ts';
import { initProducerId } from './init-producer.ts';
import type { Transaction } from './transaction.ts';
import { describeTransactions, listTransactions } from './transaction-listing.ts';
import { readTransaction, readTransactionalId } from './transaction-records.ts';
import { isAtRest } from './transaction-states.ts';
import { type TransactionParts, TransactionTable } from './transaction-table.ts';

/** A marker that could not be written is asked for again after this time. */
const MARKER_RETRY_MS = 500;

/** The transactional ids of one partition of `__transaction_state`. */
export class TransactionShard implements CoordinatorShard {
  readonly #table: TransactionTable;
  #abortDueMs = Number.POSITIVE_INFINITY;
  #expiryDueMs = Number.POSITIVE_INFINITY;
  /** Markers that could not be written, and when they are asked for again. */
  #postponed: MarkerWrite[] = [];
  #retryDueMs = Number.POSITIVE_INFINITY;

  /** `coordinatorEpoch` is the leader epoch of the partition, which markers carry. */
  constructor(parts: TransactionParts, coordinatorEpoch: number) {
    this.#table = new TransactionTable(parts, coordinatorEpoch);
  }

  get size(): number {
    return this.#table.size;
  }

  /** All transactional ids, for metrics. They hold until the next step. */
  transactions(): Iterable<Readonly<Transaction>> {
    return this.#table.all();
  }

  handle({ ticket, apiKey, version, request }: CoordinatorCall, nowMs: number, wallMs: number) {
    this.#table.begin(nowMs, wallMs);
    this.#table.answer(ticket, this.#answer(apiKey, version, request));
    return this.#table.take();
  }

  #answer(apiKey: number, version: number, request: object): object {
    const table = this.#table;
    switch (apiKey) {
      case API.INIT_PRODUCER_ID:
        return initProducerId(table, version, request as InitProducerIdRequest);
      case API.ADD_PARTITIONS_TO_TXN:
        return addPartitions(table, version, request as AddPartitionsToTxnRequest);
      case API.ADD_OFFSETS_TO_TXN:
        return addOffsets(table, version, request as AddOffsetsToTxnRequest);
      case API.END_TXN:
        return endTransaction(table, version, request as EndTxnRequest);
      case API.DESCRIBE_TRANSACTIONS:
        return describeTransactions(table, request as describing.DescribeTransactionsRequest);
      case API.LIST_TRANSACTIONS:
        return listTransactions(table, request as ListTransactionsRequest);
      default:
        throw new MillraceError('MILLRACE_BAD_ARGUMENT', `api ${apiKey} is not of transactions`);
    }
  }

  tick(nowMs: number, wallMs: number): Effects {
    this.#table.begin(nowMs, wallMs);
    if (this.#abortDueMs <= nowMs) this.#abortTimedOut();
    if (this.#expiryDueMs <= nowMs) this.#forgetUnused();
    if (this.#retryDueMs <= nowMs) this.#retryMarkers();
    return this.#table.take();
  }

  nextDeadlineMs(): number {
    return Math.min(this.#abortDueMs, this.#expiryDueMs, this.#retryDueMs);
  }

  /** Every request is answered at once. */
  drop(): void {}

  replay(keyBytes: Buffer, value: Buffer | null): void {
    const transactionalId = readTransactionalId(keyBytes);
    if (transactionalId === null) return;
    if (value === null) {
      this.#table.remove(transactionalId);
      return;
    }
    const transaction = readTransaction(transactionalId, value);
    if (transaction !== null) this.#table.put(transaction);
  }

  /** Nothing transactional is written to this log. */
  endTransaction(): void {}

  /** Decisions whose markers may be missing are carried out. */
  onLoaded(nowMs: number, wallMs: number): Effects {
    const table = this.#table;
    table.begin(nowMs, wallMs);
    for (const transaction of table.ongoing()) transaction.takeOver(nowMs, wallMs);
    for (const transaction of [...table.prepared()]) {
      if (transaction.partitions.isEmpty) table.complete(transaction);
      else table.askForMarkers(transaction);
    }
    const { abortIntervalMs, expiryIntervalMs } = table.parts.settings;
    this.#abortDueMs = nowMs + abortIntervalMs;
    this.#expiryDueMs = nowMs + expiryIntervalMs;
    return table.take();
  }

  unload(): Effects {
    return this.#table.take();
  }

  onMarkerWritten(write: MarkerWrite, errorCode: number, nowMs: number, wallMs: number): Effects {
    const table = this.#table;
    table.begin(nowMs, wallMs);
    const transaction = table.preparedOf(write.producerId);
    if (transaction?.producerEpoch !== write.producerEpoch) return table.take();
    switch (errorCode) {
      case ERROR.NONE:
      // The topic was deleted, and what was written to it with it.
      case ERROR.UNKNOWN_TOPIC_OR_PARTITION:
      // A later transaction of the producer has been there, so that this one is over there.
      case ERROR.INVALID_PRODUCER_EPOCH:
        transaction.partitions.delete(write.topic, write.partition);
        if (transaction.partitions.isEmpty) table.complete(transaction);
        break;
      case ERROR.TRANSACTION_COORDINATOR_FENCED:
        // Another coordinator has taken over, and carries the decision out.
        break;
      default:
        this.#postponed.push(write);
        this.#retryDueMs = Math.min(this.#retryDueMs, nowMs + MARKER_RETRY_MS);
    }
    return table.take();
  }

  #retryMarkers(): void {
    const postponed = this.#postponed;
    this.#postponed = [];
    this.#retryDueMs = Number.POSITIVE_INFINITY;
    for (const marker of postponed) this.#table.askForMarker(marker);
  }

  /** A producer that is too slow is fenced, and its transaction aborted. */
  #abortTimedOut(): void {
    const table = this.#table;
    this.#abortDueMs = table.nowMs + table.parts.settings.abortIntervalMs;
    for (const transaction of [...table.ongoing()]) {
      if (!transaction.isTimedOut(table.nowMs)) continue;
      // Without a producer id at hand it is tried again with the next round.
      if (!fenceAndAbort(table, transaction)) return;
    }
  }

  /** An id with an open transaction is in use, however long ago it was heard of. */
  #forgetUnused(): void {
    const table = this.#table;
    const { idExpirationMs, expiryIntervalMs } = table.parts.settings;
    this.#expiryDueMs = table.nowMs + expiryIntervalMs;
    const lastMs = table.wallMs - idExpirationMs;
    for (const { transactionalId, state, updateMs } of [...table.all()]) {
      if (isAtRest(state) && updateMs <= lastMs) table.forget(transactionalId);
    }
  }
}
