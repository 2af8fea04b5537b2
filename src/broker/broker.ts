import { type Clock, systemClock } from '../base/clock.ts';
import { reasonOf } from '../base/errors.ts';
import { every } from '../base/every.ts';
import { inBackground } from '../base/in-background.ts';
import { logFailure } from '../base/log-failure.ts';
import { type Logger, RateLimitedLog } from '../base/logger.ts';
import { TurnMemory } from '../base/turn-memory.ts';
import { FetchSessions } from '../front/fetch/fetch-sessions.ts';
import { GroupUpdates } from '../front/groups/group-updates.ts';
import { lowerOffsetsAfterCrash } from '../front/groups/offsets-after-crash.ts';
import { StreamsTopics } from '../front/groups/streams-topics.ts';
import { CleaningMetrics } from '../front/metrics/cleaning-metrics.ts';
import { RequestMetrics } from '../front/metrics/request-metrics.ts';
import { Endpoints } from '../front/net/endpoints.ts';
import { TlsContexts } from '../front/net/tls/tls-contexts.ts';
import { LostFiles } from '../front/partitions/lost-files.ts';
import { PartitionLoader } from '../front/partitions/partition-loader.ts';
import { Partitions } from '../front/partitions/partitions.ts';
import { Recompression } from '../front/partitions/recompression.ts';
import { TimeSearch } from '../front/partitions/time-search.ts';
import { TopicDirectory } from '../front/partitions/topic-directory.ts';
import { Workers } from '../front/partitions/workers.ts';
import { Auditing } from '../front/requests/auditing.ts';
import { warmUpCodecs } from '../front/requests/codec-warm-up.ts';
import { FrontReplies } from '../front/requests/front-replies.ts';
import type { FrontServices } from '../front/requests/front-services.ts';
import { ProducerIds } from '../front/requests/producer-ids.ts';
import { RequestRouter } from '../front/requests/request-router.ts';
import { Rights } from '../front/requests/rights.ts';
import { Throttling } from '../front/requests/throttling.ts';
import { TransactionUpdates } from '../front/transactions/transaction-updates.ts';
import { TransactionWriters } from '../front/transactions/transaction-writers.ts';
import { Transactions } from '../front/transactions/transactions.ts';
import { addressText, type Gateway } from '../gateway/gateway.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import { type BrokerSettings, brokerSettings } from '../metadata/config/broker-settings.ts';
import { ClientQuotas } from '../security/quotas/client-quotas.ts';
import { TokenSecrets } from '../security/tokens/token-secrets.ts';
import { auditLog } from './audit-output.ts';
import type { Authority } from './authority.ts';
import { type BrokerPool, type BrokerSystem, nodeSystem } from './broker-system.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { LoadedConfig } from './config.ts';
import { Disks } from './disks.ts';
import { HighWatermarkKeeper } from './high-watermark-keeper.ts';
import { kafkaFrontOf } from './kafka-front-of.ts';
import { frontLimits } from './limits.ts';
import { LocalAuthority } from './local-authority.ts';
import { LogCleaner } from './log-cleaner.ts';
import { metadataAuthorizer } from './metadata-authorizer.ts';
import { openGateway } from './open-gateway.ts';
import { openLogDirectories } from './open-log-directories.ts';
import { ResidentWorker } from './resident-worker.ts';
import { settingsInForce } from './settings-in-force.ts';
import { logRules, sharedSettings } from './shared-settings.ts';
import type { CrewOptions, WorkerCrew } from './worker-crew.ts';
import { WorkerThreads } from './worker-threads.ts';

export interface BrokerOptions {
  readonly loaded: LoadedConfig;
  readonly logger: Logger;
  /** The data directory is removed after the broker has closed. */
  readonly isTemporary?: boolean;
  /** A thread broke. What it owns is in an unknown state, so the process should end. */
  readonly onFatal: (error: Error) => void;
  readonly system?: BrokerSystem;
}

const FAULT_LOG_INTERVAL_MS = 5000;
const STOP_LOOK_MS = 20;
/** A test that starts a broker is served before the histograms are loaded. */
const METRICS_DELAY_MS = 500;

/**
 * The composition root. It makes the parts of a broker, each after those that it needs, and closes
 * them in the reverse order.
 */
export class Broker {
  readonly front: FrontServices & { settings: BrokerSettings };
  readonly logDirs: LogDirectories;
  readonly crew: WorkerCrew;
  readonly #pool: BrokerPool;
  readonly #keeper: CheckpointKeeper;
  /** Null where no other broker has replicas. */
  readonly #watermarks: HighWatermarkKeeper | null;
  readonly #cleaner: LogCleaner;
  readonly #disks: Disks;
  readonly #authority: Authority;
  #gateway: Gateway | null = null;
  #closing: Promise<void> | null = null;
  /** All is done that a start after a crash must do. Before, no stop is a clean one. */
  #isRecovered = false;

  /** Starts a broker that decides alone. */
  static async start(options: BrokerOptions): Promise<Broker> {
    const logDirs = openLogDirectories(options);
    try {
      const authority = await LocalAuthority.start(options, logDirs);
      return await Broker.open(options, logDirs, authority);
    } catch (thrown) {
      logDirs.release();
      throw thrown;
    }
  }

  /** Starts a broker on its log directories, and on the metadata that somebody decides about. */
  static async open(
    options: BrokerOptions,
    logDirs: LogDirectories,
    authority: Authority,
  ): Promise<Broker> {
    const system = options.system ?? nodeSystem;
    const broker = new Broker(options, system, logDirs, authority);
    await broker.#openOrStop(options.loaded.settings, system.listens);
    return broker;
  }

  private constructor(
    options: BrokerOptions,
    system: BrokerSystem,
    logDirs: LogDirectories,
    authority: Authority,
  ) {
    const { logger } = options;
    const { view: metadata, changes, reports, peers } = authority;
    const settings = settingsInForce(metadata.config, options.loaded, logger);
    const clock: Clock = systemClock;
    this.logDirs = logDirs;
    this.#authority = authority;
    const partitions = new Partitions();
    const directory = new TopicDirectory({
      metadata,
      reports: {
        bumpLeaderEpochs: (topicId, indexes) => reports.bumpLeaderEpochs(topicId, indexes),
        forgetDeletedTopic: async (topicId) => this.#keeper.forgetOnceSaved(topicId),
      },
      isElected: authority.isElected,
      onElected: (mirrors) => authority.onElected(mirrors),
      // Controllers remember no deleted topic, so the files must not name its partitions for long.
      afterRemovals: async () => {
        if (authority.isElected) await this.#keeper.save();
      },
      partitions,
      directories: logDirs,
      workerCount: Math.max(1, settings.workerThreads),
      logger,
    });
    const { secretKey } = settings.tokens;
    const tokens = secretKey === null ? null : new TokenSecrets(secretKey, metadata, clock);
    const turnMemory = new TurnMemory();
    const tls = new TlsContexts(settings.tls, logger);
    const audit = auditLog(settings.auditFile, logger, clock);
    const router = new RequestRouter(authority.handlers);
    const lostFiles = new LostFiles(
      partitions,
      ({ worker, slot }, reason) => {
        workers.tell(worker, { kind: 'take-offline', slot, reason });
      },
      ({ worker, slot }) => {
        workers.tell(worker, { kind: 'check-files', slot });
      },
    );
    const kafka = kafkaFrontOf(settings, router, {
      view: metadata,
      clock,
      logger,
      tokens,
      tls,
      audit,
      sockets: system.sockets,
      turnMemory,
      onUnreadable: (chunks) => {
        lostFiles.canBeSent(chunks);
      },
    });
    const crewOptions: CrewOptions = {
      places: directory.placeAll(logDirs.checkpoints),
      shared: sharedSettings(settings, logDirs.checkpoints.wasClean),
      onReplies: () => workers.drain(),
      onDeath: options.onFatal,
      turnMemory,
    };
    this.crew =
      settings.workerThreads === 0
        ? new ResidentWorker(crewOptions, logger)
        : new WorkerThreads(crewOptions);
    const workers: Workers = new Workers(
      this.crew.links,
      this.crew.frontParking,
      partitions,
      logger,
      () => {
        kafka.resumeStalled();
        kafka.flush();
      },
      (thrown) => options.onFatal(thrown instanceof Error ? thrown : new Error(String(thrown))),
    );
    directory.follow(workers);
    new GroupUpdates(metadata, workers).start();
    new TransactionUpdates(metadata, workers).start();
    this.#pool = system.openPool(settings.limits.openedBytesMax, logger);
    this.#keeper = new CheckpointKeeper(
      logDirs,
      workers,
      partitions,
      metadata,
      (topicId) => reports.forgetDeletedTopic(topicId),
      settings.logs,
      logger,
    );
    const keeper = this.#keeper;
    const { onFatal } = options;
    this.#disks = new Disks({ logDirs, partitions, workers, keeper, authority, onFatal, logger });
    this.#disks.follow();
    const intervalMs = settings.cluster?.watermarkCheckpointMs;
    const ofWatermarks = { logDirs, workers, partitions, metadata, logger };
    this.#watermarks =
      intervalMs === undefined ? null : new HighWatermarkKeeper({ ...ofWatermarks, intervalMs });
    metadata.onChange((change) => {
      this.#keeper.forgetDeleted(change.records);
      if (change.before.brokerConfigs !== change.after.brokerConfigs) this.#takeSettings();
    });
    const faults = new RateLimitedLog(logger, FAULT_LOG_INTERVAL_MS);
    const metrics = new RequestMetrics();
    const loader = new PartitionLoader(partitions, workers);
    const throttling = new Throttling(new ClientQuotas(metadata, settings.quotas), clock);
    const ofTransactions = { clock, logger, metadata, changes, partitions, workers, peers };
    this.front = {
      clock,
      logger,
      faults,
      settings,
      partitions,
      workers,
      loader,
      lostFiles,
      fetchSessions: new FetchSessions(settings.limits.fetchSessionsMax),
      helpers: this.#pool,
      times: new TimeSearch(workers, loader, this.#pool),
      recompression: new Recompression(this.#pool, settings.limits.queuedBytesMax, logger),
      metrics,
      cleaning: new CleaningMetrics(clock.monotonicMs()),
      metadata,
      changes,
      forwarding: authority.forwarding,
      directory,
      logDirs,
      moves: this.#disks.moves,
      endpoints: new Endpoints(settings, metadata, kafka.listeners),
      features: authority.features,
      get served() {
        return authority.narrow(router.served);
      },
      kafka,
      checkpoints: this.#keeper,
      producerIds: new ProducerIds(changes),
      rights: new Rights(metadataAuthorizer(settings.authorization, metadata), audit),
      audit: new Auditing(audit),
      throttling,
      leaderThrottle: authority.leaderThrottle,
      cluster: authority.report,
      tokens,
      tls,
      transactionWriters: new TransactionWriters(),
      transactions: new Transactions(ofTransactions),
      streamsTopics: new StreamsTopics(changes, clock, faults),
      replies: new FrontReplies(metrics, faults, clock, lostFiles, throttling),
    };
    router.attach(this.front);
    authority.attach(this.front);
    this.#cleaner = new LogCleaner(this.front, this.#pool);
  }

  /** Takes a dynamic change of the broker's configuration. An invalid one changes nothing. */
  #takeSettings(): void {
    const { metadata, logger } = this.front;
    try {
      this.front.settings = brokerSettings(metadata.config);
    } catch (thrown) {
      logger.warn(`the broker's configuration stays as it was: ${reasonOf(thrown)}`);
      return;
    }
    const { settings, kafka, workers } = this.front;
    kafka.admission.limits = frontLimits(settings, logger);
    this.front.tls.take(settings.tls);
    const { producerExpiryMs, freeBytesMin } = logRules(settings);
    for (let worker = 0; worker < workers.workerCount; worker++) {
      workers.tell(worker, { kind: 'log-rules', producerExpiryMs, freeBytesMin });
    }
  }

  /** The workers run already, so a broker that cannot open ends them before it is forgotten. */
  async #openOrStop(settings: BrokerSettings, listens: boolean): Promise<void> {
    try {
      await this.#open(settings, listens);
    } catch (thrown) {
      await inBackground(this.close(), logFailure(this.front.logger, 'the stop'));
      throw thrown;
    }
  }

  /** Waits for the workers' recovery, then lets clients in. */
  async #open(settings: BrokerSettings, listens: boolean): Promise<void> {
    const { workers, kafka, directory, metadata } = this.front;
    this.logDirs.markRunning();
    const { links } = this.crew;
    await Promise.all(links.map((_, worker) => workers.control(worker, { kind: 'checkpoint' })));
    if (this.#authority.isElected) directory.announceRoles();
    else await directory.raiseEpochs();
    if (!this.logDirs.checkpoints.wasClean) await lowerOffsetsAfterCrash(this.front);
    this.#isRecovered = true;
    for (const { id } of metadata.image.deletedTopics.values()) {
      this.#keeper.forgetOnceSaved(id);
    }
    this.#keeper.start();
    this.#watermarks?.start();
    this.#cleaner.start();
    this.#loadMetrics();
    await this.#authority.admit(directory);
    this.#disks.resume();
    if (listens) await kafka.listen(settings.listeners);
    warmUpCodecs();
    if (settings.http !== null) this.#gateway = await openGateway(settings.http, this.front);
  }

  /** Loads the histograms, again and again while no descriptor is free to read their code. */
  #loadMetrics(): void {
    const { metrics, faults, clock } = this.front;
    const onFailure = (thrown: unknown): void => {
      const message = `latencies are not told yet: ${reasonOf(thrown)}`;
      faults.warn('metrics', message, clock.monotonicMs());
      this.#loadMetrics();
    };
    setTimeout(() => {
      inBackground(metrics.load(), onFailure);
    }, METRICS_DELAY_MS).unref();
  }

  /** host:port of the HTTP listener, '' where there is none. */
  get httpAddress(): string {
    return this.#gateway?.address ?? '';
  }

  /** Who serves HTTP: `uws` or `node`; '' where there is no listener. */
  get httpEngine(): string {
    return this.#gateway?.engineName ?? '';
  }

  get kafkaPort(): number {
    return this.front.kafka.listeners[0]!.port;
  }

  /** host:port, as clients take it for bootstrap.servers. */
  get bootstrapServers(): string {
    const { host, port } = this.front.kafka.listeners[0]!;
    return addressText(host, port);
  }

  /** Answers what is in flight and closes the logs, so that the next start scans nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * The timer keeps the event loop alive until the workers' last answers are read. Neither an
   * answer in a ring nor a thread that has ended does so, and the process would end before the
   * clean mark is written.
   */
  async #close(): Promise<void> {
    const onFailure = logFailure(this.front.logger, 'the stop');
    const looking = every(STOP_LOOK_MS, () => this.front.workers.drain(), onFailure);
    try {
      await this.#stop();
    } finally {
      clearInterval(looking);
      // Also where a part could not be closed: another broker may start on the directory.
      this.logDirs.release();
    }
  }

  async #stop(): Promise<void> {
    const { kafka } = this.front;
    await this.#authority.leave();
    await kafka.stop();
    this.#gateway?.close();
    this.front.tls.close();
    await this.#cleaner.stop();
    this.#watermarks?.stop();
    const { brokerEpoch } = this.#authority;
    await this.#keeper.stop(() => this.crew.expectExit(), this.#isRecovered, brokerEpoch);
    await this.crew.ended();
    await this.#pool.close();
    await this.#authority.close();
  }
}
