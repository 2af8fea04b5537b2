import type { Producer as Core } from '../producer/producer.ts';
import type { FacadeCluster } from './cluster.ts';
import {
  KafkaJSError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
} from './errors.ts';
import { type Instrumentation, PRODUCER_EVENTS } from './events.ts';
import { Partitioners } from './partitioners.ts';
import { ProducerPool } from './producer-pool.ts';
import { translated } from './protocol-error.ts';
import { RETRY_DEFAULTS } from './retry.ts';
import { checkBatch, sendMessages } from './send.ts';
import { FacadeTransaction } from './transaction.ts';
import type {
  Logger,
  On,
  PartitionerArgs,
  Producer,
  ProducerBatch,
  ProducerConfig,
  ProducerRecord,
  RecordMetadata,
  RetryOptions,
  TopicMessages,
  Transaction,
} from './types.ts';

export interface ProducerParts {
  readonly cluster: FacadeCluster;
  readonly logger: Logger;
  readonly instrumentation: Instrumentation;
  readonly retry: RetryOptions;
}

/** KafkaJS's producer, on the producers of this client. */
export class FacadeProducer implements Producer {
  readonly events = PRODUCER_EVENTS;
  readonly on: On;
  readonly #parts: ProducerParts;
  readonly #pool: ProducerPool;
  readonly #config: ProducerConfig;
  readonly #partitioner: (args: PartitionerArgs) => number;
  #state: 'connected' | 'disconnecting' | 'disconnected' = 'disconnected';
  #transaction: FacadeTransaction | null = null;

  constructor(config: ProducerConfig, parts: ProducerParts) {
    const { idempotent = false, createPartitioner = Partitioners.DefaultPartitioner } = config;
    const { retries = idempotent ? Number.MAX_SAFE_INTEGER : RETRY_DEFAULTS.retries } = parts.retry;
    if (idempotent && retries < 1) {
      const what = 'Idempotent producer must allow retries';
      throw new KafkaJSNonRetriableError(`${what} to protect against transient errors`);
    }
    if (idempotent && retries < Number.MAX_SAFE_INTEGER) {
      const what = 'Limiting retries for the idempotent producer may invalidate EoS guarantees';
      parts.logger.warn(what);
    }
    this.on = parts.instrumentation.on;
    this.#parts = parts;
    this.#config = config;
    this.#partitioner = createPartitioner();
    this.#pool = new ProducerPool(parts.cluster, config, { ...parts.retry, retries });
  }

  readonly connect = async (): Promise<void> => {
    await this.#parts.cluster.connect();
    this.#state = 'connected';
    this.#parts.instrumentation.emit(PRODUCER_EVENTS.CONNECT);
  };

  readonly disconnect = async (): Promise<void> => {
    this.#state = 'disconnecting';
    await this.#pool.close();
    await this.#parts.cluster.disconnect();
    this.#state = 'disconnected';
    this.#parts.instrumentation.emit(PRODUCER_EVENTS.DISCONNECT);
  };

  readonly isIdempotent = (): boolean => this.#config.idempotent ?? false;

  readonly logger = (): Logger => this.#parts.logger;

  send = async ({ topic, messages, ...options }: ProducerRecord): Promise<RecordMetadata[]> => {
    return this.sendBatch({ ...options, topicMessages: [{ topic, messages }] });
  };

  sendBatch = async (batch: ProducerBatch): Promise<RecordMetadata[]> => {
    checkBatch(batch, this.isIdempotent());
    this.#requireConnected();
    const { acks = -1, compression, topicMessages = [] } = batch;
    const producer = await this.#pool.plain(acks, compression);
    return this.#sendBy(producer, topicMessages, acks !== 0);
  };

  transaction = async (): Promise<Transaction> => {
    if (!this.#config.transactionalId) {
      const what = 'Must provide transactional id for transactional producer';
      throw new KafkaJSNonRetriableError(what);
    }
    if (this.#transaction?.isActive() === true) {
      const what = 'There is already an ongoing transaction for this producer.';
      throw new KafkaJSNonRetriableError(
        `${what} Please end the transaction before beginning another.`,
      );
    }
    const transaction = new FacadeTransaction({
      producerOf: (compression) => this.#pool.transactional(compression),
      requireConnected: () => this.#requireConnected(),
      send: (producer, topicMessages) => this.#sendBy(producer, topicMessages, true),
    });
    this.#transaction = transaction;
    await translated(() => transaction.begin());
    return transaction;
  };

  async #sendBy(
    producer: Core,
    topicMessages: readonly TopicMessages[],
    needsAnswer: boolean,
  ): Promise<RecordMetadata[]> {
    const { cluster, logger, retry } = this.#parts;
    const partitioner = this.#partitioner;
    try {
      return await sendMessages({ cluster, producer, partitioner, needsAnswer }, topicMessages);
    } catch (thrown) {
      const error = thrown as Error;
      logger.error(`Failed to send messages: ${error.message}`);
      const isRetriable = error instanceof KafkaJSError && error.retriable;
      if (!isRetriable) throw error;
      // The producer below has used up the attempts already.
      const { retries: retryCount, maxRetryTime: retryTime } = { ...RETRY_DEFAULTS, ...retry };
      throw new KafkaJSNumberOfRetriesExceeded(error, {
        retryCount: retryCount as number,
        retryTime: retryTime as number,
      });
    }
  }

  #requireConnected(): void {
    if (this.#state === 'connected') return;
    if (this.#state === 'disconnected') throw new KafkaJSError('The producer is disconnected');
    const what =
      "The producer is disconnecting; therefore, it can't safely accept messages anymore";
    throw new KafkaJSNonRetriableError(what);
  }
}
