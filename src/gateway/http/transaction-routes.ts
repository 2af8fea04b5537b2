import type { FrontServices } from '../../front/requests/front-services.ts';
import { readHeldPartitions } from '../../front/transactions/held-partitions.ts';
import type { Exchange } from './exchange.ts';

/** `GET /transactions`: which transaction each partition waits for. */
export async function showTransactions(front: FrontServices, exchange: Exchange): Promise<void> {
  const held = await readHeldPartitions(front);
  if (!exchange.aborted) exchange.json('200 OK', { held });
}
