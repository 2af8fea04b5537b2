import type { HeldPartition } from '../../front/transactions/held-partitions.ts';
import type { MetricsText } from './metrics-text.ts';

const MS_PER_SECOND = 1000;

/** The partitions whose last stable offset waits for a transaction. */
export function transactionMetrics(
  text: MetricsText,
  held: readonly HeldPartition[],
  wallMs: number,
): void {
  const ages = held.map(({ sinceMs }) => (sinceMs === null ? 0 : Math.max(0, wallMs - sinceMs)));
  text
    .metric(
      'millrace_held_partitions',
      'gauge',
      'Partitions that a transaction has held for over five seconds: see /transactions.',
    )
    .sample('millrace_held_partitions', {}, held.length)
    .metric(
      'millrace_oldest_holding_transaction_seconds',
      'gauge',
      'Age of the oldest transaction that holds a partition, 0 where none does.',
    )
    .sample(
      'millrace_oldest_holding_transaction_seconds',
      {},
      ages.reduce((oldest, ageMs) => Math.max(oldest, ageMs), 0) / MS_PER_SECOND,
    );
}
