import { FacadeAdmin } from './admin.ts';
import type { Admin, AdminConfig } from './admin-types.ts';
import { clientSettings, type FetchWatcher, type NetworkEvents } from './client-settings.ts';
import { FacadeCluster } from './cluster.ts';
import { logLevel } from './constants.ts';
import { FacadeConsumer } from './consumer.ts';
import type { Consumer, ConsumerConfig } from './consumer-types.ts';
import { ADMIN_EVENTS, CONSUMER_EVENTS, Instrumentation, PRODUCER_EVENTS } from './events.ts';
import { consoleLogCreator, createLogger } from './logger.ts';
import { FacadeProducer } from './producer.ts';
import type { KafkaConfig, Logger, Producer, ProducerConfig, RetryOptions } from './types.ts';

const METADATA_MAX_AGE_MS = 300_000;
/** Consumers try so often, then they crash and start again. */
const CONSUMER_RETRY = { retries: 5 };

interface ClusterOptions {
  readonly owner: string;
  readonly events: NetworkEvents & Readonly<Record<string, string>>;
  readonly retry: RetryOptions;
  readonly metadataMaxAge?: number | undefined;
  readonly createsTopics: boolean;
  readonly fetches?: FetchWatcher;
}

/** KafkaJS's entrance: makes producers, consumers and admins of one cluster. */
export class Kafka {
  readonly #config: KafkaConfig;
  readonly #logger: Logger;

  constructor(config: KafkaConfig) {
    const { logLevel: level = logLevel.INFO, logCreator = consoleLogCreator } = config;
    this.#config = config;
    this.#logger = createLogger({ level, logCreator });
  }

  producer(config: ProducerConfig = {}): Producer {
    const { allowAutoTopicCreation: createsTopics = true, metadataMaxAge } = config;
    const retry = { ...this.#config.retry, ...config.retry };
    const events = PRODUCER_EVENTS;
    const more = { owner: 'producer', events, retry, metadataMaxAge, createsTopics };
    const parts = this.#parts('Producer', more);
    return new FacadeProducer(config, { ...parts, retry });
  }

  consumer(config: ConsumerConfig): Consumer {
    const { allowAutoTopicCreation: createsTopics = true, metadataMaxAge } = config ?? {};
    const retry = { ...this.#config.retry, ...(config?.retry ?? CONSUMER_RETRY) };
    const events = CONSUMER_EVENTS;
    let consumer: FacadeConsumer | null = null;
    const fetches: FetchWatcher = {
      onFetchStart: (address) => consumer?.onFetchStart(address),
      onFetch: (address, duration) => consumer?.onFetch(address, duration),
    };
    const more = { owner: 'consumer', events, retry, metadataMaxAge, createsTopics, fetches };
    consumer = new FacadeConsumer(config ?? {}, { ...this.#parts('Consumer', more), retry });
    return consumer;
  }

  admin(config: AdminConfig = {}): Admin {
    const retry = { ...this.#config.retry, ...config.retry };
    const more = { owner: 'admin', events: ADMIN_EVENTS, retry, createsTopics: false };
    return new FacadeAdmin({ ...this.#parts('Admin', more), retry });
  }

  logger(): Logger {
    return this.#logger;
  }

  #parts(namespace: string, options: ClusterOptions) {
    const { owner, events, retry, createsTopics, fetches } = options;
    const { metadataMaxAge = METADATA_MAX_AGE_MS } = options;
    const logger = this.#logger.namespace(namespace);
    const instrumentation = new Instrumentation(owner, events, logger);
    const more = { logger, instrumentation, events, metadataMaxAge };
    const given = fetches === undefined ? more : { ...more, fetches };
    const makeSettings = () => clientSettings(this.#config, given);
    const cluster = new FacadeCluster(makeSettings, createsTopics, retry);
    return { logger, instrumentation, cluster };
  }
}
