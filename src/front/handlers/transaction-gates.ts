import { ERROR } from '../../base/kafka-errors.ts';
import type { API } from '../../protocol/api-keys.ts';
import type * as add from '../../protocol/schema/24-add-partitions-to-txn.ts';
import type * as states from '../../protocol/schema/65-describe-transactions.ts';
import type { Gate, Permits } from './gate.ts';
import { refusal } from './group-gates.ts';

/** The gates of requests about transactions. */

const { TRANSACTIONAL_ID_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED } = ERROR;
const OF_BROKERS_SINCE = 4;
const NONE = -1;

function isWriter(transactionalId: string, permits: Permits): boolean {
  return permits.allows('WRITE', 'TRANSACTIONAL_ID', transactionalId);
}

export const initProducerGate: Gate<typeof API.INIT_PRODUCER_ID> = (
  { transactionalId },
  permits,
) => {
  const none = {
    producerId: NONE,
    producerEpoch: NONE,
    ongoingTxnProducerId: NONE,
    ongoingTxnProducerEpoch: NONE,
  };
  if (transactionalId !== null) {
    if (isWriter(transactionalId, permits)) return null;
    return refusal({ ...none, errorCode: TRANSACTIONAL_ID_AUTHORIZATION_FAILED });
  }
  const isIdempotent =
    permits.allowsOnCluster('IDEMPOTENT_WRITE') || permits.allowsAny('WRITE', 'TOPIC');
  return isIdempotent ? null : refusal({ ...none, errorCode: CLUSTER_AUTHORIZATION_FAILED });
};

export const endTxnGate: Gate<typeof API.END_TXN> = ({ transactionalId }, permits) => {
  if (isWriter(transactionalId, permits)) return null;
  const errorCode = TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  return refusal({ errorCode, producerId: NONE, producerEpoch: NONE });
};

export const addOffsetsGate: Gate<typeof API.ADD_OFFSETS_TO_TXN> = (
  { transactionalId, groupId },
  permits,
) => {
  if (!isWriter(transactionalId, permits)) {
    return refusal({ errorCode: TRANSACTIONAL_ID_AUTHORIZATION_FAILED });
  }
  if (permits.allows('READ', 'GROUP', groupId)) return null;
  return refusal({ errorCode: ERROR.GROUP_AUTHORIZATION_FAILED });
};

/** Up to version 3 clients send it, from then on brokers do. A refused topic refuses the rest. */
export const addPartitionsGate: Gate<typeof API.ADD_PARTITIONS_TO_TXN> = (request, permits) => {
  if (permits.version >= OF_BROKERS_SINCE) {
    if (permits.allowsOnCluster('CLUSTER_ACTION')) return null;
    const errorCode = CLUSTER_AUTHORIZATION_FAILED;
    return refusal({ errorCode, resultsByTransaction: [], resultsByTopicV3AndBelow: [] });
  }
  const topics = request.v3AndBelowTopics;
  if (!isWriter(request.v3AndBelowTransactionalId, permits)) {
    return refusedTopics(topics, () => TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  }
  const mayWrite = (name: string) => permits.allows('WRITE', 'TOPIC', name);
  if (topics.every(({ name }) => mayWrite(name))) return null;
  const { OPERATION_NOT_ATTEMPTED, TOPIC_AUTHORIZATION_FAILED } = ERROR;
  return refusedTopics(topics, (name) =>
    mayWrite(name) ? OPERATION_NOT_ATTEMPTED : TOPIC_AUTHORIZATION_FAILED,
  );
};

function refusedTopics(
  topics: readonly add.AddPartitionsToTxnRequestAddPartitionsToTxnTopic[],
  errorOf: (name: string) => number,
) {
  const results = topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => {
      return { partitionIndex, partitionErrorCode: errorOf(name) };
    }),
  }));
  return refusal({ errorCode: 0, resultsByTransaction: [], resultsByTopicV3AndBelow: results });
}

export const describeTransactionsGate: Gate<typeof API.DESCRIBE_TRANSACTIONS> = (
  { transactionalIds },
  permits,
) => {
  const isShown = (id: string) => permits.allows('DESCRIBE', 'TRANSACTIONAL_ID', id);
  const shown = transactionalIds.filter(isShown);
  const refused = transactionalIds.filter((id) => !isShown(id)).map(refusedState);
  return {
    passed: shown.length === 0 && refused.length > 0 ? null : { transactionalIds: shown },
    complete: (answer) => {
      const shownStates = (answer?.transactionStates ?? []).map((state) => ({
        ...state,
        topics: state.topics.filter(({ topic }) => permits.allows('DESCRIBE', 'TOPIC', topic)),
      }));
      return { transactionStates: [...refused, ...shownStates] };
    },
  };
};

function refusedState(
  transactionalId: string,
): states.DescribeTransactionsResponseTransactionState {
  return {
    errorCode: TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  };
}

export const listTransactionsGate: Gate<typeof API.LIST_TRANSACTIONS> = (request, permits) => ({
  passed: request,
  complete: (answer) => {
    const { errorCode, unknownStateFilters, transactionStates } = answer!;
    const shown = transactionStates.filter(({ transactionalId }) =>
      permits.allows('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId),
    );
    return { errorCode, unknownStateFilters, transactionStates: shown };
  },
});
