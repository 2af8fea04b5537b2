import { Producer } from '../../client/producer/producer.ts';
import { clientNamed } from './client-named.ts';
import { TRANSACTION_TIMEOUT_MS } from './finish-calls.ts';
import type { StreamsSettings } from './streams-options.ts';

/**
 * Kafka's `batch.size` is a quarter of it. A request holds one batch of a partition, and what it
 * costs here and in the broker is much of what a small record costs.
 */
const BATCH_BYTES = 64 * 1024;

/**
 * The producer of an instance. It lets a broker make no internal topics, which have settings of
 * their own.
 */
export function newProducer(
  settings: StreamsSettings,
  processId: string,
  internal: ReadonlySet<string>,
): Producer {
  const client = clientNamed(settings, 'producer');
  const allowAutoCreateTopics = (topic: string) => !internal.has(topic);
  const own = {
    lingerMs: 100,
    batchSize: BATCH_BYTES,
    ...settings.producer,
    allowAutoCreateTopics,
  };
  if (settings.processingGuarantee !== 'exactly_once_v2')
    return new Producer({ ...client, ...own });
  return new Producer({
    ...client,
    transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
    ...own,
    transactionalId: `${settings.applicationId}-${processId}-${settings.thread?.thread ?? 1}`,
  });
}
