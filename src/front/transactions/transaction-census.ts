import type { TransactionCensus } from '../../exchange/transaction-messages.ts';
import type { Workers } from '../partitions/workers.ts';

export type { TransactionCensus };

/** Counts the transactional ids of all coordinators that are loaded. */
export async function readTransactionCensus(workers: Workers): Promise<TransactionCensus> {
  const answers = await Promise.all(
    Array.from({ length: workers.workerCount }, (_, worker) => {
      return workers.control(worker, { kind: 'transaction-census' });
    }),
  );
  const states: Record<string, number> = {};
  let oldestStartMs: number | null = null;
  for (const answer of answers) {
    if (answer.error !== 0) continue;
    const { census } = answer;
    for (const [state, count] of Object.entries(census.states)) {
      states[state] = (states[state] ?? 0) + count;
    }
    const startMs = census.oldestStartMs;
    if (startMs !== null) oldestStartMs = Math.min(oldestStartMs ?? startMs, startMs);
  }
  return { states, oldestStartMs };
}
