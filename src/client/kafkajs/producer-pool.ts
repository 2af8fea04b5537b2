import { Producer } from '../producer/producer.ts';
import type { FacadeCluster } from './cluster.ts';
import { RETRY_DEFAULTS } from './retry.ts';
import { codecName } from './send.ts';
import type { ProducerConfig, RetryOptions } from './types.ts';

const BATCH_BYTES = 512 * 1024;
const REQUEST_BYTES_MAX = 100 * 1024 * 1024;
const INT_MAX = 2 ** 31 - 1;
const IN_FLIGHT_MAX = 5;

/** For how long KafkaJS goes on trying, pauses and attempts together. */
function deliveryMs(retry: RetryOptions, requestMs: number): number {
  const { maxRetryTime, initialRetryTime, multiplier, retries } = {
    ...RETRY_DEFAULTS,
    ...(retry as typeof RETRY_DEFAULTS),
  };
  let total = requestMs;
  let pauseMs: number = initialRetryTime;
  for (let left = Math.min(retries, 1_000); left > 0; left--) {
    total += pauseMs;
    pauseMs = Math.min(pauseMs * multiplier, maxRetryTime);
  }
  return Math.min(Math.ceil(total), INT_MAX);
}

/**
 * The client's producers behind one of KafkaJS. There acks and compression belong to each call,
 * here to a producer, so there is one for each pair that was used.
 */
export class ProducerPool {
  readonly #cluster: FacadeCluster;
  readonly #config: ProducerConfig;
  readonly #retry: RetryOptions;
  readonly #plain = new Map<string, Promise<Producer>>();
  #transactional: { readonly codec: string; readonly producer: Producer } | null = null;

  constructor(cluster: FacadeCluster, config: ProducerConfig, retry: RetryOptions) {
    this.#cluster = cluster;
    this.#config = config;
    this.#retry = retry;
  }

  plain(acks: number, compression: number | undefined): Promise<Producer> {
    const codec = codecName(compression);
    const name = `${acks}/${codec}`;
    const known = this.#plain.get(name);
    if (known !== undefined) return known;
    const made = this.#make(acks, codec, '');
    this.#plain.set(name, made);
    return made;
  }

  /**
   * The producer of transactions. One with another codec takes its place under the same
   * transactional id, so it may be asked for only where no transaction is open.
   */
  async transactional(compression: number | undefined): Promise<Producer> {
    const codec = codecName(compression);
    if (this.#transactional?.codec === codec) return this.#transactional.producer;
    await this.#transactional?.producer.close();
    const producer = await this.#make(-1, codec, this.#config.transactionalId ?? '');
    this.#transactional = { codec, producer };
    return producer;
  }

  async close(): Promise<void> {
    const plain = [...this.#plain.values()];
    this.#plain.clear();
    const transactional = this.#transactional;
    this.#transactional = null;
    await Promise.all([
      ...plain.map(async (each) => (await each).close()),
      transactional?.producer.close(),
    ]);
  }

  async #make(acks: number, codec: string, transactionalId: string): Promise<Producer> {
    const settings = await this.#cluster.settings();
    const { idempotent = false, maxInFlightRequests, transactionTimeout } = this.#config;
    const inFlight = Math.min(maxInFlightRequests ?? IN_FLIGHT_MAX, IN_FLIGHT_MAX);
    const isIdempotent = acks === -1 && (idempotent || transactionalId !== '');
    const patienceMs = deliveryMs(this.#retry, settings.requestTimeoutMs);
    return new Producer({
      ...settings,
      acks: acks as 0 | 1 | -1,
      compressionType: codec as 'none',
      transactionalId,
      enableIdempotence: isIdempotent,
      maxInFlightRequestsPerConnection: Math.max(inFlight, 1),
      lingerMs: 0,
      batchSize: BATCH_BYTES,
      maxRequestSize: REQUEST_BYTES_MAX,
      maxBlockMs: patienceMs,
      deliveryTimeoutMs: patienceMs,
      ...(transactionTimeout === undefined ? {} : { transactionTimeoutMs: transactionTimeout }),
    });
  }
}
