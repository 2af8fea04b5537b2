import type { HeldPartition } from '../../front/transactions/held-partitions.ts';
import type { TransactionCensus } from '../../front/transactions/transaction-census.ts';
import type { MetricsText } from './metrics-text.ts';

const MS_PER_SECOND = 1000;

/** The transactions by state, and the partitions that they hold. */
export function transactionMetrics(
  text: MetricsText,
  { states, oldestStartMs }: TransactionCensus,
  held: readonly HeldPartition[],
  wallMs: number,
): void {
  const transactions = 'millrace_transactions';
  text.metric(transactions, 'gauge', 'Transactional ids by the state of their transaction.');
  for (const [state, count] of Object.entries(states)) text.sample(transactions, { state }, count);
  const oldest = 'millrace_oldest_open_transaction_seconds';
  text.metric(oldest, 'gauge', 'Age of the oldest transaction that is not over, 0 for none.');
  text.sample(oldest, {}, secondsSince(oldestStartMs, wallMs));
  const count = 'millrace_held_partitions';
  text.metric(count, 'gauge', 'Partitions held by a transaction for over 5 s: see /transactions.');
  text.sample(count, {}, held.length);
}

function secondsSince(startMs: number | null, wallMs: number): number {
  return startMs === null ? 0 : Math.max(0, wallMs - startMs) / MS_PER_SECOND;
}
