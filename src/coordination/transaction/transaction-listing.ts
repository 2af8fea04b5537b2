import { ERROR } from '../../base/kafka-errors.ts';
import type {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
  DescribeTransactionsResponseTransactionState,
} from '../../protocol/schema/65-describe-transactions.ts';
import type {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from '../../protocol/schema/66-list-transactions.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import { TopicRegex } from '../group/regex/topic-regex.ts';
import type { Transaction } from './transaction.ts';
import { STATE_NAMES } from './transaction-states.ts';
import type { TransactionTable } from './transaction-table.ts';

type Description = DescribeTransactionsResponseTransactionState;

/** DescribeTransactions: an unknown id gets an error of its own. */
export function describeTransactions(
  table: TransactionTable,
  { transactionalIds }: DescribeTransactionsRequest,
): Unthrottled<DescribeTransactionsResponse> {
  const transactionStates = transactionalIds.map((transactionalId) => {
    if (transactionalId === '') return undescribed('', ERROR.INVALID_REQUEST);
    const transaction = table.get(transactionalId);
    if (transaction !== undefined) return descriptionOf(transaction);
    return undescribed(transactionalId, ERROR.TRANSACTIONAL_ID_NOT_FOUND);
  });
  return { transactionStates };
}

export function undescribed(transactionalId: string, errorCode: number): Description {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0,
    producerEpoch: 0,
    topics: [],
  };
}

function descriptionOf(transaction: Transaction): Description {
  const { transactionalId, producerId, producerEpoch, state, partitions } = transaction;
  return {
    errorCode: ERROR.NONE,
    transactionalId,
    transactionState: STATE_NAMES[state]!,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startMs,
    producerId,
    producerEpoch,
    topics: Array.from(partitions.topics(), ([topic, ids]) => ({ topic, partitions: [...ids] })),
  };
}

/** ListTransactions: those that pass every filter that is set. */
export function listTransactions(
  table: TransactionTable,
  request: ListTransactionsRequest,
): Unthrottled<ListTransactionsResponse> {
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
  const unknownStateFilters = stateFilters.filter((name) => !STATE_NAMES.includes(name));
  const states = new Set(stateFilters);
  const producerIds = new Set(producerIdFilters);
  const listing = { errorCode: ERROR.NONE, unknownStateFilters, transactionStates: [] };
  const pattern = patternOf(transactionalIdPattern);
  if (pattern === INVALID) return { ...listing, errorCode: ERROR.INVALID_REGULAR_EXPRESSION };
  const listed = [...table.all()].filter(({ transactionalId, producerId, state, startMs }) => {
    if (producerIds.size > 0 && !producerIds.has(producerId)) return false;
    if (states.size > 0 && !states.has(STATE_NAMES[state]!)) return false;
    if (durationFilter >= 0 && table.wallMs - startMs <= durationFilter) return false;
    return pattern === null || pattern.matches(transactionalId);
  });
  const transactionStates = listed.map(({ transactionalId, producerId, state }) => {
    return { transactionalId, producerId, transactionState: STATE_NAMES[state]! };
  });
  return { ...listing, transactionStates };
}

const INVALID = Symbol('not a regular expression');

/** Null where every id matches. */
function patternOf(source: string | null): TopicRegex | null | typeof INVALID {
  if (source === null || source === '') return null;
  try {
    return new TopicRegex(source);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return INVALID;
    throw thrown;
  }
}
