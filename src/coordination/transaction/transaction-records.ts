import {
  decodeMessage,
  decodeRecordKey,
  encodeRecordKey,
  encodeVersioned,
  prefixOf,
} from '../../protocol/message-bytes.ts';
import {
  TRANSACTION_LOG_KEY,
  TRANSACTION_LOG_VALUE,
} from '../../protocol/schema/records-transaction.ts';
import type { CoordinatorRecord } from '../effects.ts';
import { NO_EPOCH, NO_PRODUCER_ID, Transaction } from './transaction.ts';
import { TRANSACTION_STATE, type TransactionState } from './transaction-states.ts';

const KEY_TYPE = 0;
const HIGHEST_VALUE_VERSION = 1;
/** transaction.version from which the log has values with tagged fields. */
const TAGGED_SINCE = 1;

/** The state of a transactional id, as the log holds it at a level of transaction.version. */
export function transactionRecord(
  transaction: Transaction,
  transactionVersion: number,
): CoordinatorRecord {
  const { partitions, state } = transaction;
  const topics = Array.from(partitions.topics(), ([topic, ids]) => ({
    topic,
    partitionIds: [...ids],
  }));
  const isTagged = transactionVersion >= TAGGED_SINCE;
  const value = encodeVersioned(TRANSACTION_LOG_VALUE, isTagged ? 1 : 0, {
    producerId: transaction.producerId,
    previousProducerId: isTagged ? transaction.previousProducerId : NO_PRODUCER_ID,
    nextProducerId: isTagged ? transaction.nextProducerId : NO_PRODUCER_ID,
    producerEpoch: transaction.producerEpoch,
    nextProducerEpoch: NO_EPOCH,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStatus: state,
    transactionPartitions: state === TRANSACTION_STATE.empty ? null : topics,
    transactionLastUpdateTimestampMs: transaction.updateMs,
    transactionStartTimestampMs: transaction.startMs,
    clientTransactionVersion: isTagged ? transaction.clientVersion : 0,
  });
  return { key: keyOf(transaction.transactionalId), value };
}

/** The id is forgotten. */
export function transactionTombstone(transactionalId: string): CoordinatorRecord {
  return { key: keyOf(transactionalId), value: null };
}

function keyOf(transactionalId: string): Buffer {
  return encodeRecordKey(TRANSACTION_LOG_KEY, { transactionalId });
}

/** Null for a key of a kind that is not known. */
export function readTransactionalId(key: Buffer): string | null {
  if (prefixOf(key) !== KEY_TYPE) return null;
  return decodeRecordKey(TRANSACTION_LOG_KEY, key).transactionalId;
}

/** Null for a version or a state that is not known, which an upgrade may have left behind. */
export function readTransaction(transactionalId: string, bytes: Buffer): Transaction | null {
  const version = prefixOf(bytes);
  if (version < 0 || version > HIGHEST_VALUE_VERSION) return null;
  const value = decodeMessage(TRANSACTION_LOG_VALUE, version, bytes, 2);
  if (value.transactionStatus > TRANSACTION_STATE.completeAbort) return null;
  const updateMs = value.transactionLastUpdateTimestampMs;
  const { producerId, transactionTimeoutMs } = value;
  const read = new Transaction(transactionalId, producerId, transactionTimeoutMs, updateMs);
  read.previousProducerId = value.previousProducerId;
  read.nextProducerId = value.nextProducerId;
  read.producerEpoch = value.producerEpoch;
  read.state = value.transactionStatus as TransactionState;
  read.startMs = value.transactionStartTimestampMs;
  read.clientVersion = value.clientTransactionVersion;
  for (const { topic, partitionIds } of value.transactionPartitions ?? []) {
    for (const partition of partitionIds) read.partitions.add(topic, partition);
  }
  return read;
}
