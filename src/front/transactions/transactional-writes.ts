import { ERROR } from '../../base/kafka-errors.ts';
import { baseSequence, producerEpoch, producerId } from '../../records/batch-layout.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { TransactionGate } from './transaction-gate.ts';
import { verificationError } from './verification-error.ts';

/** From these versions of Produce on clients know TRANSACTION_ABORTABLE, and the broker adds. */
const ABORTABLE_SINCE = 11;
const ADDS_SINCE = 12;
/** Copies of batches that wait for coordinators. A client repeats what is beyond it. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;

/** Errors of coordinators that older producers do not repeat a batch for, as they should. */
const REPEATABLE: ReadonlySet<number> = new Set([
  ERROR.NETWORK_EXCEPTION,
  ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  ERROR.COORDINATOR_NOT_AVAILABLE,
  ERROR.NOT_COORDINATOR,
]);

/** What becomes of a batch; exactly one of the two is called, at once or later. */
export interface TransactionalWrite {
  readonly mirror: PartitionMirror;
  readonly transactionalId: string;
  /** Of the Produce request. */
  readonly version: number;
  append(records: Buffer, guard: number): void;
  refuse(errorCode: number): void;
}

/** The batches of transactions on their way through the gate. */
export class TransactionalWrites {
  readonly #gate: TransactionGate;
  #heldBytes = 0;

  constructor(gate: TransactionGate) {
    this.#gate = gate;
  }

  /** The records are copied where they have to wait. They hold at least a batch's header. */
  write(write: TransactionalWrite, records: Buffer): void {
    const { mirror, version } = write;
    const id = producerId(records, 0);
    const epoch = producerEpoch(records, 0);
    const guard = this.#gate.guardOf(mirror, id, epoch);
    if (guard >= 0) {
      write.append(records, guard);
      return;
    }
    if (this.#heldBytes + records.length > HELD_BYTES_MAX) {
      write.refuse(ERROR.NOT_ENOUGH_REPLICAS);
      return;
    }
    const copy = Buffer.from(records);
    this.#heldBytes += copy.length;
    const producer = { producerId: id, producerEpoch: epoch, sequence: baseSequence(records, 0) };
    const { transactionalId } = write;
    const asked = { mirror, transactionalId, ...producer, bumpsEpoch: version >= ADDS_SINCE };
    this.#gate.pass(asked, (error, passed) => {
      this.#heldBytes -= copy.length;
      if (error === 0) write.append(copy, passed);
      else write.refuse(errorFor(version, error));
    });
  }

  /** The partition refused a batch that had passed. */
  onRefused(mirror: PartitionMirror, id: number): void {
    this.#gate.onRefused(mirror, id);
  }
}

function errorFor(version: number, error: number): number {
  if (REPEATABLE.has(error)) return ERROR.NOT_ENOUGH_REPLICAS;
  if (error === ERROR.CONCURRENT_TRANSACTIONS && version < ADDS_SINCE) {
    return ERROR.NOT_ENOUGH_REPLICAS;
  }
  return verificationError(error, version >= ABORTABLE_SINCE);
}
