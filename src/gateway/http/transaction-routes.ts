import type { FrontServices } from '../../front/requests/front-services.ts';
import { readHeldPartitions } from '../../front/transactions/held-partitions.ts';
import { readTransactionCensus } from '../../front/transactions/transaction-census.ts';
import type { Exchange } from './exchange.ts';

/** `GET /transactions`: how many there are, and which of them each partition waits for. */
export async function showTransactions(front: FrontServices, exchange: Exchange): Promise<void> {
  const reading = [readTransactionCensus(front.workers), readHeldPartitions(front)] as const;
  const [{ states, oldestStartMs }, held] = await Promise.all(reading);
  if (!exchange.aborted) exchange.json('200 OK', { states, oldestStartMs, held });
}
