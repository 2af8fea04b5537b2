/** What is open: by the coordinators, and by the partitions that are held. */
import { API } from '../../dist/protocol/index.js';

const DONE = ['Empty', 'CompleteCommit', 'CompleteAbort'];

/** Transactions that their coordinators have not ended. */
export async function openTransactions(link) {
  const body = { stateFilters: [], producerIdFilters: [], durationFilter: -1 };
  const { transactionStates } = await link.send(API.LIST_TRANSACTIONS, 1, body);
  const open = transactionStates.filter((each) => !DONE.includes(each.transactionState));
  const transactionalIds = open.map((each) => each.transactionalId);
  const described = await link.send(API.DESCRIBE_TRANSACTIONS, 0, { transactionalIds });
  return described.transactionStates;
}

/** Producers that hold a partition, and the error code of what could not be looked at. */
export async function heldPartitions(link, topic, partitions) {
  const partitionIndexes = Array.from({ length: partitions }, (_, i) => i);
  const body = { topics: [{ name: topic, partitionIndexes }] };
  const answer = await link.send(API.DESCRIBE_PRODUCERS, 0, body);
  const held = [];
  for (const { partitionIndex, errorCode, activeProducers } of answer.topics[0].partitions) {
    const open = activeProducers.filter(({ currentTxnStartOffset: start }) => start >= 0);
    if (open.length > 0 || errorCode !== 0) held.push({ topic, partitionIndex, errorCode, open });
  }
  return held;
}
