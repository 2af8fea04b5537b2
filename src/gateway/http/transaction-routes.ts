import type { ClientRights } from '../../front/requests/client-rights.ts';
import type { FrontServices } from '../../front/requests/front-services.ts';
import { readHeldPartitions } from '../../front/transactions/held-partitions.ts';
import { readTransactionCensus } from '../../front/transactions/transaction-census.ts';
import { CommandError } from '../command/command-error.ts';
import type { Exchange } from './exchange.ts';

/** `GET /transactions`: how many there are, and which of them each partition waits for. */
export async function showTransactions(
  front: FrontServices,
  exchange: Exchange,
  rights: ClientRights,
): Promise<void> {
  if (!rights.allowsOnCluster('DESCRIBE')) {
    throw new CommandError('forbidden', 'the right to describe the cluster is needed');
  }
  const reading = [readTransactionCensus(front.workers), readHeldPartitions(front)] as const;
  const [{ states, oldestStartMs }, held] = await Promise.all(reading);
  if (!exchange.aborted) exchange.json('200 OK', { states, oldestStartMs, held });
}
