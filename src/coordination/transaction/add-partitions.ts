import { coordinatorPartitionOf } from '../../base/coordinator-partition.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type * as add from '../../protocol/schema/24-add-partitions-to-txn.ts';
import type {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from '../../protocol/schema/25-add-offsets-to-txn.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Transaction } from './transaction.ts';
import { isPrepared, TRANSACTION_STATE } from './transaction-states.ts';
import type { PartitionCounts, TransactionTable } from './transaction-table.ts';

type Topic = add.AddPartitionsToTxnRequestAddPartitionsToTxnTopic;
type TopicResult = add.AddPartitionsToTxnResponseAddPartitionsToTxnTopicResult;
type Batched = add.AddPartitionsToTxnRequestAddPartitionsToTxnTransaction;

/** From this version on the request is a batch, which brokers send for their clients. */
const BATCHED_SINCE = 4;
/** Older clients know no PRODUCER_FENCED. */
const FENCED_SINCE = 2;
const OFFSETS_TOPIC = '__consumer_offsets';
/** transaction.version of requests that come from clients, and of those that brokers send. */
const CLIENTS_VERSION = 0;
const BROKERS_VERSION = 2;

/** AddPartitionsToTxn: partitions become part of a transaction, or are verified to be. */
export function addPartitions(
  table: TransactionTable,
  version: number,
  request: add.AddPartitionsToTxnRequest,
): Unthrottled<add.AddPartitionsToTxnResponse> {
  const answer = { errorCode: ERROR.NONE, resultsByTransaction: [], resultsByTopicV3AndBelow: [] };
  if (version >= BATCHED_SINCE) {
    const results = request.transactions.map((transaction) => ({
      transactionalId: transaction.transactionalId,
      topicResults: batchedResults(table, transaction),
    }));
    return { ...answer, resultsByTransaction: results };
  }
  const topics = request.v3AndBelowTopics;
  const results = resultsOf(table, topics, () => {
    const errorCode = addTo(
      table,
      request.v3AndBelowTransactionalId,
      request.v3AndBelowProducerId,
      request.v3AndBelowProducerEpoch,
      topics,
      CLIENTS_VERSION,
    );
    return everywhere(topics, forVersion(version, errorCode));
  });
  return { ...answer, resultsByTopicV3AndBelow: results };
}

/** AddOffsetsToTxn: the offsets of a group become part of a transaction. */
export function addOffsets(
  table: TransactionTable,
  version: number,
  request: AddOffsetsToTxnRequest,
): Unthrottled<AddOffsetsToTxnResponse> {
  const { transactionalId, groupId, producerId, producerEpoch } = request;
  const count = table.parts.topics.partitionCount(OFFSETS_TOPIC);
  if (count === 0) return { errorCode: ERROR.COORDINATOR_NOT_AVAILABLE };
  const partition = coordinatorPartitionOf(groupId, count);
  const topics = [{ name: OFFSETS_TOPIC, partitions: [partition] }];
  const errorCode = addTo(
    table,
    transactionalId,
    producerId,
    producerEpoch,
    topics,
    CLIENTS_VERSION,
  );
  return { errorCode: forVersion(version, errorCode) };
}

/** The same error for every partition. */
export function everywhere(topics: readonly Topic[], errorCode: number): TopicResult[] {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => {
      return { partitionIndex, partitionErrorCode: errorCode };
    }),
  }));
}

function forVersion(version: number, errorCode: number): number {
  const isUnknown = version < FENCED_SINCE && errorCode === ERROR.PRODUCER_FENCED;
  return isUnknown ? ERROR.INVALID_PRODUCER_EPOCH : errorCode;
}

function batchedResults(table: TransactionTable, asked: Batched): TopicResult[] {
  const { transactionalId, producerId, producerEpoch, verifyOnly, topics } = asked;
  return resultsOf(table, topics, () => {
    if (verifyOnly) return verify(table, asked);
    const errorCode = addTo(
      table,
      transactionalId,
      producerId,
      producerEpoch,
      topics,
      BROKERS_VERSION,
    );
    return everywhere(topics, errorCode);
  });
}

/** One partition that does not exist fails all. The others are told that they were not tried. */
function resultsOf(
  table: TransactionTable,
  topics: readonly Topic[],
  attempt: () => TopicResult[],
): TopicResult[] {
  const counts = table.parts.topics;
  if (topics.every((topic) => topic.partitions.every((index) => exists(counts, topic, index)))) {
    return attempt();
  }
  return topics.map((topic) => ({
    name: topic.name,
    resultsByPartition: topic.partitions.map((partitionIndex) => {
      const isThere = exists(counts, topic, partitionIndex);
      const partitionErrorCode = isThere
        ? ERROR.OPERATION_NOT_ATTEMPTED
        : ERROR.UNKNOWN_TOPIC_OR_PARTITION;
      return { partitionIndex, partitionErrorCode };
    }),
  }));
}

function exists(counts: PartitionCounts, { name }: Topic, index: number): boolean {
  return index >= 0 && index < counts.partitionCount(name);
}

/** 0, or the error for all partitions. */
function addTo(
  table: TransactionTable,
  transactionalId: string,
  producerId: number,
  producerEpoch: number,
  topics: readonly Topic[],
  clientVersion: number,
): number {
  if (transactionalId === '') return ERROR.INVALID_REQUEST;
  const transaction = table.get(transactionalId);
  // The producer may come with its next id, which the table gets when the markers are written.
  if (transaction !== undefined && isPrepared(transaction.state)) {
    return ERROR.CONCURRENT_TRANSACTIONS;
  }
  const errorCode = producerError(transaction, producerId, producerEpoch);
  if (errorCode !== ERROR.NONE) return errorCode;
  const isOngoing = transaction!.state === TRANSACTION_STATE.ongoing;
  if (isOngoing && holdsAll(transaction!, topics)) return ERROR.NONE;
  for (const { name, partitions } of topics) {
    for (const partition of partitions) transaction!.partitions.add(name, partition);
  }
  transaction!.becomeOngoing(clientVersion, table.nowMs, table.wallMs);
  table.persist(transaction!);
  return ERROR.NONE;
}

function producerError(
  transaction: Transaction | undefined,
  producerId: number,
  producerEpoch: number,
): number {
  if (transaction?.producerId !== producerId) return ERROR.INVALID_PRODUCER_ID_MAPPING;
  if (transaction.producerEpoch !== producerEpoch) return ERROR.PRODUCER_FENCED;
  return isPrepared(transaction.state) ? ERROR.CONCURRENT_TRANSACTIONS : ERROR.NONE;
}

function holdsAll({ partitions }: Transaction, topics: readonly Topic[]): boolean {
  return topics.every((topic) => {
    return topic.partitions.every((index) => partitions.has(topic.name, index));
  });
}

function verify(table: TransactionTable, asked: Batched): TopicResult[] {
  const { transactionalId, producerId, producerEpoch, topics } = asked;
  if (transactionalId === '') return everywhere(topics, ERROR.INVALID_REQUEST);
  const transaction = table.get(transactionalId);
  const errorCode = producerError(transaction, producerId, producerEpoch);
  if (errorCode !== ERROR.NONE) return everywhere(topics, errorCode);
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => {
      const isIn = transaction!.partitions.has(name, partitionIndex);
      const partitionErrorCode = isIn ? ERROR.NONE : ERROR.TRANSACTION_ABORTABLE;
      return { partitionIndex, partitionErrorCode };
    }),
  }));
}
