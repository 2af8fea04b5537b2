import { inBackground } from '../../base/in-background.ts';
import type { BrokerAddress } from '../broker-address.ts';
import { CONSUMER_DEFAULTS, type ConsumerSettings } from '../consumer/consumer-options.ts';
import { assignorOf } from './assignor-adapter.ts';
import type { FetchWatcher } from './client-settings.ts';
import type { FacadeCluster } from './cluster.ts';
import {
  checkCommit,
  checkSelection,
  requireRunning,
  seekOffset,
  subscribedTopics,
} from './consumer-checks.ts';
import type {
  Consumer,
  ConsumerConfig,
  ConsumerRunConfig,
  ConsumerSubscribeTopic,
  ConsumerSubscribeTopics,
  GroupDescription,
  TopicPartitionOffset,
  TopicPartitionOffsetAndMetadata,
  TopicPartitions,
} from './consumer-types.ts';
import { KafkaJSNonRetriableError } from './errors.ts';
import { CONSUMER_EVENTS, type Instrumentation } from './events.ts';
import { describeGroups } from './group-requests.ts';
import type { GroupSession } from './group-session.ts';
import { PartitionAssigners } from './partition-assigners.ts';
import { Pauses } from './pauses.ts';
import { RETRY_DEFAULTS, retried } from './retry.ts';
import { Runner } from './runner.ts';
import type { Assigner, Logger, Offsets, On, RetryOptions } from './types.ts';

export interface ConsumerParts {
  readonly cluster: FacadeCluster;
  readonly logger: Logger;
  readonly instrumentation: Instrumentation;
  readonly retry: RetryOptions;
}

/** A run whose runner is not there yet. Programs seek right after they called `run`. */
interface Start {
  readonly seeks: { readonly topic: string; readonly partition: number; readonly offset: number }[];
  isOver: boolean;
}

type Selection = readonly { topic: string; partitions?: number[] }[];

/** KafkaJS's consumer, on the fetcher and the membership of this client. */
export class FacadeConsumer implements Consumer, FetchWatcher {
  readonly events = CONSUMER_EVENTS;
  readonly on: On;
  readonly #config: ConsumerConfig;
  readonly #parts: ConsumerParts;
  readonly #assigners: readonly Assigner[];
  readonly #topics = new Map<string, boolean>();
  #pauses = new Pauses();
  #start: Start | null = null;
  #runner: Runner | null = null;
  #stopping: Promise<void> | null = null;
  #restart: NodeJS.Timeout | null = null;

  constructor(config: ConsumerConfig, parts: ConsumerParts) {
    const { groupId, heartbeatInterval = 3_000, sessionTimeout = 30_000 } = config;
    if (!groupId) {
      throw new KafkaJSNonRetriableError('Consumer groupId must be a non-empty string.');
    }
    if (heartbeatInterval >= sessionTimeout) {
      const what = `Consumer heartbeatInterval (${heartbeatInterval}) must be lower than`;
      const hint = 'It is recommended to set heartbeatInterval to approximately a third of';
      throw new KafkaJSNonRetriableError(
        `${what} sessionTimeout (${sessionTimeout}). ${hint} the sessionTimeout.`,
      );
    }
    this.#config = config;
    this.#parts = parts;
    this.on = parts.instrumentation.on;
    const { cluster, logger } = parts;
    const { partitionAssigners = [PartitionAssigners.roundRobin] } = config;
    this.#assigners = partitionAssigners.map((make) => make({ groupId, logger, cluster }));
  }

  readonly logger = (): Logger => this.#parts.logger;

  readonly connect = async (): Promise<void> => {
    await this.#parts.cluster.connect();
    this.#parts.instrumentation.emit(CONSUMER_EVENTS.CONNECT);
  };

  readonly disconnect = async (): Promise<void> => {
    await this.stop();
    await this.#parts.cluster.disconnect();
    this.#parts.instrumentation.emit(CONSUMER_EVENTS.DISCONNECT);
  };

  readonly stop = (): Promise<void> => {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = null;
    });
    return this.#stopping;
  };

  readonly subscribe = async (
    subscription: ConsumerSubscribeTopics | ConsumerSubscribeTopic,
  ): Promise<void> => {
    if (this.#runner !== null || this.#start !== null) {
      throw new KafkaJSNonRetriableError('Cannot subscribe to topic while consumer is running');
    }
    const { cluster } = this.#parts;
    const wanted = subscribedTopics(subscription);
    const hasPatterns = wanted.some((each) => each instanceof RegExp);
    const known = hasPatterns ? (await cluster.metadata()).topicMetadata : [];
    const topics = wanted.flatMap((each) => {
      if (typeof each === 'string') return [each];
      return known.map(({ topic }) => topic).filter((topic) => topic.search(each) >= 0);
    });
    for (const topic of topics) this.#topics.set(topic, subscription.fromBeginning ?? false);
    await cluster.addMultipleTargetTopics(topics);
  };

  run = async (config: ConsumerRunConfig = {}): Promise<void> => {
    if (this.#runner !== null || this.#start !== null) {
      const { groupId } = this.#config;
      const what = 'consumer#run was called, but the consumer is already running';
      this.#parts.logger.warn(what, { groupId });
      return;
    }
    await this.#begin(config);
  };

  readonly commitOffsets = async (
    offsets: readonly TopicPartitionOffsetAndMetadata[] = [],
  ): Promise<void> => {
    for (const each of offsets) checkCommit(each);
    const { session } = requireRunning(this.#runner);
    const topics = new Map<string, Offsets['topics'][number]>();
    for (const { topic, partition, offset, metadata = null } of offsets) {
      const entry = topics.get(topic) ?? { topic, partitions: [] };
      entry.partitions.push({ partition, offset: String(offset), metadata });
      topics.set(topic, entry);
    }
    await retried(this.#parts.retry, () => {
      return session.offsets.commit({ topics: [...topics.values()] });
    });
  };

  readonly seek = ({ topic, partition, offset }: TopicPartitionOffset): void => {
    const wanted = seekOffset(topic, partition, offset);
    const session = this.#session();
    const at = { topic, partition: Number(partition) };
    if (session === null) this.#start?.seeks.push({ ...at, offset: wanted });
    session?.seek(at, wanted);
    session?.core.wake();
  };

  readonly describeGroup = async (): Promise<GroupDescription> => {
    const { cluster, retry } = this.#parts;
    const { groupId } = this.#config;
    const [group] = await retried(retry, () => describeGroups(cluster, [groupId]));
    return group!;
  };

  readonly pause = (selection: Selection = []): void => {
    checkSelection(selection, 'pause');
    const session = this.#session();
    this.#pauses.pause(selection);
    session?.applyPauses();
  };

  readonly resume = (selection: Selection = []): void => {
    checkSelection(selection, 'resume');
    const session = this.#session();
    this.#pauses.resume(selection);
    session?.applyPauses();
  };

  readonly paused = (): TopicPartitions[] => {
    const topics = new Map<string, number[]>();
    for (const at of this.#runner?.session.owned() ?? []) {
      if (!this.#pauses.isPaused(at)) continue;
      topics.set(at.topic, [...(topics.get(at.topic) ?? []), at.partition].sort());
    }
    return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }));
  };

  onFetchStart(address: BrokerAddress): void {
    const { instrumentation } = this.#parts;
    if (!instrumentation.listensFor(CONSUMER_EVENTS.FETCH_START)) return;
    instrumentation.emit(CONSUMER_EVENTS.FETCH_START, { nodeId: this.#nodeAt(address) });
  }

  onFetch(address: BrokerAddress, duration: number): void {
    const { instrumentation } = this.#parts;
    if (!instrumentation.listensFor(CONSUMER_EVENTS.FETCH)) return;
    const payload = { numberOfBatches: 0, duration, nodeId: this.#nodeAt(address) };
    instrumentation.emit(CONSUMER_EVENTS.FETCH, payload);
  }

  #nodeAt(address: BrokerAddress): string {
    return String(this.#runner?.session.core.link.network.idAt(address) ?? -1);
  }

  /** Null while a run begins. */
  #session(): GroupSession | null {
    return this.#start === null ? requireRunning(this.#runner).session : null;
  }

  async #begin(config: ConsumerRunConfig): Promise<void> {
    const { cluster, logger, instrumentation, retry } = this.#parts;
    const { groupId } = this.#config;
    logger.info('Starting', { groupId });
    const start: Start = { seeks: [], isOver: false };
    this.#start = start;
    this.#pauses = new Pauses();
    let settings: ConsumerSettings;
    try {
      await cluster.connect();
      instrumentation.emit(CONSUMER_EVENTS.CONNECT);
      settings = await this.#settings();
    } catch (thrown) {
      if (start.isOver) return;
      throw thrown;
    } finally {
      if (this.#start === start) this.#start = null;
    }
    if (start.isOver) return;
    const { autoCommit = true, autoCommitInterval = null, autoCommitThreshold = null } = config;
    const runner: Runner = new Runner({
      settings,
      topics: this.#topics,
      pauses: this.#pauses,
      policy: { autoCommit, autoCommitInterval, autoCommitThreshold },
      instrumentation,
      logger,
      config,
      retry,
      onCrash: (error) => {
        inBackground(this.#onCrash(error, config), (thrown) => {
          logger.error(`The consumer could not be ended: ${(thrown as Error).message}`);
        });
      },
    });
    this.#runner = runner;
    for (const { offset, ...at } of start.seeks) runner.session.seek(at, offset);
    await runner.start();
  }

  async #settings(): Promise<ConsumerSettings> {
    const config = this.#config;
    const { cluster } = this.#parts;
    const topics = [...this.#topics.keys()];
    return {
      ...CONSUMER_DEFAULTS,
      ...(await cluster.settings()),
      groupId: config.groupId,
      partitionAssignmentStrategy: this.#assigners.map((each) => {
        return assignorOf(each, cluster, topics);
      }),
      autoOffsetReset: 'latest',
      enableAutoCommit: false,
      isolationLevel: config.readUncommitted === true ? 'read_uncommitted' : 'read_committed',
      fetchMinBytes: config.minBytes ?? 1,
      fetchMaxBytes: config.maxBytes ?? 10 * 1024 * 1024,
      fetchMaxWaitMs: config.maxWaitTimeInMs ?? 5_000,
      maxPartitionFetchBytes: config.maxBytesPerPartition ?? 1024 * 1024,
      sessionTimeoutMs: config.sessionTimeout ?? 30_000,
      heartbeatIntervalMs: config.heartbeatInterval ?? 3_000,
      maxPollIntervalMs: config.rebalanceTimeout ?? 60_000,
      clientRack: config.rackId ?? '',
      allowAutoCreateTopics: cluster.createsTopics,
    };
  }

  async #stop(): Promise<void> {
    const { instrumentation, logger } = this.#parts;
    if (this.#restart !== null) clearTimeout(this.#restart);
    this.#restart = null;
    if (this.#start !== null) this.#start.isOver = true;
    this.#start = null;
    const runner = this.#runner;
    if (runner !== null) {
      await runner.stop();
      this.#runner = null;
      instrumentation.emit(CONSUMER_EVENTS.STOP);
    }
    logger.info('Stopped', { groupId: this.#config.groupId });
  }

  /** The run is over. It starts again after errors that may pass, unless the program says no. */
  async #onCrash(error: Error, config: ConsumerRunConfig): Promise<void> {
    const { logger, instrumentation, retry } = this.#parts;
    const { groupId } = this.#config;
    const { retryCount, retryTime: ownTime } = error as { retryCount?: number; retryTime?: number };
    const { name, message, stack } = error;
    logger.error(`Crash: ${name}: ${message}`, { groupId, retryCount, stack });
    await this.disconnect();
    const mayPass = name === 'KafkaJSNumberOfRetriesExceeded' || rootOf(error).retriable === true;
    const restart = mayPass && (await this.#wantsRestart(error));
    instrumentation.emit(CONSUMER_EVENTS.CRASH, { error, groupId, restart });
    if (!restart) return;
    const retryTime = ownTime ?? retry.initialRetryTime ?? RETRY_DEFAULTS.initialRetryTime;
    logger.error(`Restarting the consumer in ${retryTime}ms`, { retryCount, retryTime, groupId });
    this.#restart = setTimeout(() => {
      this.#restart = null;
      inBackground(this.#begin(config), (thrown) => {
        inBackground(this.#onCrash(thrown as Error, config), (again) => {
          logger.error(`The consumer could not be ended: ${(again as Error).message}`);
        });
      });
    }, retryTime);
  }

  async #wantsRestart(crash: Error): Promise<boolean> {
    const { restartOnFailure } = this.#parts.retry;
    if (restartOnFailure === undefined) return true;
    try {
      return await restartOnFailure(crash);
    } catch (thrown) {
      const what = 'Caught error when invoking user-provided "restartOnFailure" callback.';
      this.#parts.logger.error(`${what} Defaulting to restarting.`, {
        error: (thrown as Error).message,
        cause: crash.message,
        groupId: this.#config.groupId,
      });
      return true;
    }
  }
}

function rootOf(error: Error): { retriable?: boolean } {
  let root: unknown = error;
  while ((root as Error).cause) root = (root as Error).cause;
  return root as { retriable?: boolean };
}
