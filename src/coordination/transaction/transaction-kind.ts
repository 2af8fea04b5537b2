import { API } from '../../protocol/api-keys.ts';
import type {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from '../../protocol/schema/24-add-partitions-to-txn.ts';
import type * as describing from '../../protocol/schema/65-describe-transactions.ts';
import type { ListTransactionsResponse } from '../../protocol/schema/66-list-transactions.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { CoordinatorKind } from '../coordinator-kind.ts';
import type { MarkerWrite } from '../end-marker.ts';
import { everywhere } from './add-partitions.ts';
import { refusedProducer } from './init-producer.ts';
import { NO_EPOCH, NO_PRODUCER_ID } from './transaction.ts';
import { undescribed } from './transaction-listing.ts';
import { TransactionShard } from './transaction-shard.ts';
import type { TransactionParts } from './transaction-table.ts';

const TRANSACTION_APIS: ReadonlySet<number> = new Set([
  API.INIT_PRODUCER_ID,
  API.ADD_PARTITIONS_TO_TXN,
  API.ADD_OFFSETS_TO_TXN,
  API.END_TXN,
  API.DESCRIBE_TRANSACTIONS,
  API.LIST_TRANSACTIONS,
]);
const BATCHED_SINCE = 4;

type WriteMarker = (write: MarkerWrite, onWritten: (errorCode: number) => void) => void;

/** The coordinators of transactions. */
export class TransactionKind implements CoordinatorKind<TransactionShard> {
  readonly holds = 'transactions';
  readonly topic = '__transaction_state';
  readonly apiKeys = TRANSACTION_APIS;
  readonly writeMarker: WriteMarker;
  readonly #parts: TransactionParts;

  constructor(parts: TransactionParts, writeMarker: WriteMarker) {
    this.#parts = parts;
    this.writeMarker = writeMarker;
  }

  newShard(leaderEpoch: number): TransactionShard {
    return new TransactionShard(this.#parts, leaderEpoch);
  }

  /** Strings are copied anyway. */
  keepsBytes(): boolean {
    return false;
  }

  writes(apiKey: number): boolean {
    return apiKey !== API.DESCRIBE_TRANSACTIONS && apiKey !== API.LIST_TRANSACTIONS;
  }

  refuse(apiKey: number, version: number, request: object, errorCode: number): object | null {
    switch (apiKey) {
      case API.INIT_PRODUCER_ID:
        return refusedProducer(errorCode);
      case API.ADD_PARTITIONS_TO_TXN:
        return refusedPartitions(version, request as AddPartitionsToTxnRequest, errorCode);
      case API.ADD_OFFSETS_TO_TXN:
        return { errorCode };
      case API.END_TXN:
        return { errorCode, producerId: NO_PRODUCER_ID, producerEpoch: NO_EPOCH };
      case API.DESCRIBE_TRANSACTIONS: {
        const { transactionalIds } = request as describing.DescribeTransactionsRequest;
        return { transactionStates: transactionalIds.map((id) => undescribed(id, errorCode)) };
      }
      case API.LIST_TRANSACTIONS:
        return { errorCode, unknownStateFilters: [], transactionStates: [] };
      default:
        return null;
    }
  }

  /** One partition that cannot list its ids makes the whole list fail, as in Kafka. */
  merge(_apiKey: number, answers: readonly object[]): Unthrottled<ListTransactionsResponse> {
    const lists = answers as readonly ListTransactionsResponse[];
    const errorCode = lists.find((list) => list.errorCode !== 0)?.errorCode ?? 0;
    const unknown = new Set(lists.flatMap(({ unknownStateFilters }) => unknownStateFilters));
    return {
      errorCode,
      unknownStateFilters: [...unknown],
      transactionStates:
        errorCode === 0 ? lists.flatMap(({ transactionStates }) => transactionStates) : [],
    };
  }
}

function refusedPartitions(
  version: number,
  request: AddPartitionsToTxnRequest,
  errorCode: number,
): Unthrottled<AddPartitionsToTxnResponse> {
  const answer = { errorCode: 0, resultsByTransaction: [], resultsByTopicV3AndBelow: [] };
  if (version < BATCHED_SINCE) {
    const results = everywhere(request.v3AndBelowTopics, errorCode);
    return { ...answer, resultsByTopicV3AndBelow: results };
  }
  const results = request.transactions.map(({ transactionalId, topics }) => {
    return { transactionalId, topicResults: everywhere(topics, errorCode) };
  });
  return { ...answer, resultsByTransaction: results };
}
