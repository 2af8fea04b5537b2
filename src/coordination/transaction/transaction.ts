import { PartitionSet } from './partition-set.ts';
import { TRANSACTION_STATE, type TransactionState } from './transaction-states.ts';

export const NO_PRODUCER_ID = -1;
export const NO_EPOCH = -1;
/** The last epoch that a producer gets. One more is left for fencing it. */
export const LAST_CLIENT_EPOCH = 32_766;
const LAST_EPOCH = 32_767;
/** The time-out of a distributed two-phase commit, which has none. */
const NO_TIMEOUT = 2 ** 31 - 1;

/**
 * What is known of one transactional id: its producer, and the transaction that is open, being
 * ended, or was ended last. Each method is one step of Kafka's state machine, whose caller has
 * checked that the step is allowed, and writes the new state to the log.
 */
export class Transaction {
  readonly transactionalId: string;
  producerId: number;
  previousProducerId = NO_PRODUCER_ID;
  /** The producer's id after the transaction, where its epochs are used up. */
  nextProducerId = NO_PRODUCER_ID;
  producerEpoch = NO_EPOCH;
  /** The epoch before a bump that the producer may ask for again; not in the log. */
  lastProducerEpoch = NO_EPOCH;
  timeoutMs: number;
  state: TransactionState = TRANSACTION_STATE.empty;
  /** While it is ongoing all of its partitions, then those without a marker. */
  readonly partitions = new PartitionSet();
  /** By the wall clock, as the log has it. */
  startMs = -1;
  /** By the monotonic clock of this coordinator: only this counts against the time-out. */
  startedMs = 0;
  updateMs: number;
  /** The transaction.version of the client's requests: 0 or 2. */
  clientVersion = 0;

  constructor(transactionalId: string, producerId: number, timeoutMs: number, wallMs: number) {
    this.transactionalId = transactionalId;
    this.producerId = producerId;
    this.timeoutMs = timeoutMs;
    this.updateMs = wallMs;
  }

  get isEpochExhausted(): boolean {
    return this.producerEpoch >= LAST_CLIENT_EPOCH;
  }

  isTimedOut(nowMs: number): boolean {
    return this.timeoutMs !== NO_TIMEOUT && this.startedMs + this.timeoutMs < nowMs;
  }

  /**
   * Another coordinator began it. How old it is only the wall clocks of both can tell, and one that
   * begins in the future is new.
   */
  takeOver(nowMs: number, wallMs: number): void {
    this.startedMs = nowMs - Math.max(wallMs - this.startMs, 0);
  }

  /** The producer starts, or goes on after an error, with a new epoch. */
  bumpEpoch(isRecovery: boolean): void {
    this.previousProducerId = this.producerId;
    this.lastProducerEpoch = isRecovery ? this.producerEpoch : NO_EPOCH;
    this.producerEpoch++;
  }

  /** The epochs of the producer id are used up. */
  rotateProducerId(producerId: number, isRecovery: boolean): void {
    this.previousProducerId = this.producerId;
    this.lastProducerEpoch = isRecovery ? this.producerEpoch : NO_EPOCH;
    this.producerId = producerId;
    this.producerEpoch = 0;
  }

  /** The producer is ready to start a transaction. */
  becomeEmpty(timeoutMs: number, wallMs: number): void {
    this.state = TRANSACTION_STATE.empty;
    this.timeoutMs = timeoutMs;
    this.partitions.clear();
    this.startMs = -1;
    this.updateMs = wallMs;
  }

  /** Its first partitions start a transaction. */
  becomeOngoing(clientVersion: number, nowMs: number, wallMs: number): void {
    if (this.state !== TRANSACTION_STATE.ongoing) {
      this.startMs = wallMs;
      this.startedMs = nowMs;
    }
    this.previousProducerId = this.producerId;
    this.state = TRANSACTION_STATE.ongoing;
    this.clientVersion = clientVersion;
    this.updateMs = wallMs;
  }

  /** The transaction keeps the epoch of its records, or was given the next one by a fence. */
  prepareEnd(isCommit: boolean, clientVersion: number, wallMs: number): void {
    this.previousProducerId = this.producerId;
    this.state = isCommit ? TRANSACTION_STATE.prepareCommit : TRANSACTION_STATE.prepareAbort;
    this.clientVersion = clientVersion;
    this.updateMs = wallMs;
  }

  /**
   * The markers carry the next epoch, which no client was told of, so that nothing delayed can
   * belong to the transaction that follows. An epoch that cannot grow any more is kept: the abort
   * of a producer in such a state must go through.
   */
  bumpForEnd(nextProducerId: number): void {
    this.lastProducerEpoch = this.producerEpoch;
    if (this.producerEpoch < LAST_EPOCH) this.producerEpoch++;
    this.nextProducerId = nextProducerId;
  }

  /** No producer of this epoch can go on. */
  fence(): void {
    if (this.producerEpoch < LAST_EPOCH) this.producerEpoch++;
    this.lastProducerEpoch = NO_EPOCH;
  }

  /** All markers are written. */
  complete(wallMs: number): void {
    const wasCommit = this.state === TRANSACTION_STATE.prepareCommit;
    this.state = wasCommit ? TRANSACTION_STATE.completeCommit : TRANSACTION_STATE.completeAbort;
    this.previousProducerId = this.producerId;
    if (this.nextProducerId !== NO_PRODUCER_ID) {
      this.producerId = this.nextProducerId;
      this.producerEpoch = 0;
      this.nextProducerId = NO_PRODUCER_ID;
    }
    this.partitions.clear();
    this.updateMs = wallMs;
  }
}
