import { inBackground } from '../../base/in-background.ts';
import { KafkaError, toKafkaError } from '../../client/errors/kafka-error.ts';
import { MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import { within } from '../../client/net/within.ts';
import { StreamsMetrics } from '../metrics/streams-metrics.ts';
import type { KeyQueryMetadata, StreamsMetadata } from '../queries/application-metadata.ts';
import { type AnyStoreAsk, askStore, type StoreAskOf } from '../queries/ask-store.ts';
import { Asker, type AskOptions } from '../queries/asker.ts';
import { type HostInfo, hostText } from '../queries/host-info.ts';
import {
  type AnyStoreView,
  openView,
  type QueryableTable,
  type StoreViewOf,
} from '../queries/open-view.ts';
import type { QueryServer } from '../queries/query-server.ts';
import { StoreFinder } from '../queries/store-finder.ts';
import { storeName } from '../queries/store-name.ts';
import type { StoreQueryOptions } from '../queries/store-query-options.ts';
import { StateDirectory } from '../state/disk/state-directory.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import { ApplicationQueries } from './application-queries.ts';
import { ApplicationState, type StateListener } from './application-state.ts';
import { Instance } from './instance.ts';
import { localStoreLags, type StoreLags } from './local-store-lags.ts';
import { hostOfProcess, newQueryServer } from './new-query-server.ts';
import { Listeners, type RestoreListener, type StandbyListener } from './restore-listener.ts';
import { CLOSE_TIMEOUT_MS, runInstances } from './run-instances.ts';
import {
  readStreamsOptions,
  type StreamsOptions,
  type StreamsSettings,
} from './streams-options.ts';
import { STREAMS_STATES, type StreamsState } from './streams-state.ts';
import { type ThreadMetadata, threadMetadata } from './thread-metadata.ts';

/** A topology, or the builder of one. */
export type RunnableTopology = { plan(): TopologyPlan } | { build(): { plan(): TopologyPlan } };

/** How long an application may take to close. */
export interface StreamsCloseOptions {
  /** Calls that do not settle are given up after so long; 30,000. */
  readonly timeoutMs?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a store known by name alone may have any types.
type Any = any;

/** Before the start. */
const NO_METRICS = new MetricsRegistry({
  clientId: '',
  kind: 'streams',
  windows: { samples: 2, windowMs: 30_000 },
});

let readQueries: (streams: Streams) => ApplicationQueries;

/** For the thread that it runs in, whose process answers for it. */
export function queriesOf(streams: Streams): ApplicationQueries {
  return readQueries(streams);
}

/**
 * Runs an application against a cluster: one of its instances. Instances of one `applicationId`
 * share the work.
 */
export class Streams implements AsyncDisposable {
  readonly #settings: StreamsSettings;
  readonly #plan: TopologyPlan;
  readonly #description: () => string;
  #instance: Instance | null = null;
  #isPaused = false;
  readonly #restores: Listeners<RestoreListener>;
  readonly #standbys: Listeners<StandbyListener>;
  readonly #dropped = new Map<string, number>();
  readonly #state = new ApplicationState();
  #failure: unknown = null;
  #running: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  #onRunning: (() => void) | null = null;
  #server: QueryServer | null = null;
  #reached: HostInfo | null = null;
  readonly #queries: ApplicationQueries;

  static {
    readQueries = (streams) => streams.#queries;
  }

  constructor(topology: RunnableTopology, options: StreamsOptions) {
    const built = 'plan' in topology ? topology : topology.build();
    this.#plan = built.plan();
    this.#description = () => String(built);
    this.#settings = readStreamsOptions(options);
    if (this.#settings.numStreamThreads > 1) {
      const what = `option 'numStreamThreads': functions cannot go to other threads`;
      throw new KafkaError('BAD_ARGUMENT', `${what}: give ThreadedStreams the topology's module`);
    }
    const onFailure = (thrown: unknown) => this.#settings.onError(toKafkaError(thrown));
    this.#restores = new Listeners(onFailure);
    this.#standbys = new Listeners(onFailure);
    this.#queries = this.#newQueries();
  }

  /** Resolves once it has its tasks and they run; rejects with what ended it before. */
  async start(): Promise<this> {
    this.#state.requireNew();
    this.#server = newQueryServer(this.#settings, this.#queries);
    this.#reached = (await this.#server?.open()) ?? hostOfProcess(this.#settings);
    this.#state.become('REBALANCING');
    const started = new Promise<void>((resolve) => {
      this.#onRunning = resolve;
    });
    this.#running = inBackground(this.#run(), (thrown) => this.#fail(thrown));
    await Promise.race([started, this.#running]);
    if (this.#failure !== null) throw this.#failure;
    return this;
  }

  /** Where it is in its life. */
  get state(): StreamsState {
    return this.#state.now;
  }

  /** What ended it; null while nothing did. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Tells of each change of state, until the function that it returns is called. */
  onState(listener: StateListener): () => void {
    return this.#state.listen(listener);
  }

  /** Tells how stores are restored, until the function that it returns is called. */
  onRestore(listener: RestoreListener): () => void {
    return this.#restores.add(listener);
  }

  /** Tells how standbys follow their changelogs, until the function that it returns is called. */
  onStandbyUpdate(listener: StandbyListener): () => void {
    return this.#standbys.add(listener);
  }

  /** The metrics under Kafka's names: `metrics.snapshot()`, `.prometheus()`. */
  get metrics(): StreamsMetrics {
    return new StreamsMetrics({
      registry: this.#instance?.meters.registry ?? NO_METRICS,
      refresh: () => this.#instance?.meters.refresh(),
      about: () => {
        const { applicationId } = this.#settings;
        return { applicationId, state: this.#state.now, topologyDescription: this.#description() };
      },
      ofClients: () => this.#instance?.clientMetrics() ?? [],
    });
  }

  /** Takes no records until `resume`. It stays in its group, and keeps its tasks. */
  pause(): void {
    this.#setPaused(true);
  }

  /** Takes records again. */
  resume(): void {
    this.#setPaused(false);
  }

  /**
   * What of a table's store is in this instance, to be read at once. Throws `QueryError` where
   * nothing of it is here. The view may be kept: each of its calls looks for the stores anew.
   */
  store<K, V>(table: QueryableTable<K, V>, options?: StoreQueryOptions): StoreViewOf<K, V>;
  /** The same for a store that is known by its name. */
  store<K = Any, V = Any>(name: string, options?: StoreQueryOptions): AnyStoreView<K, V>;
  store(store: string | QueryableTable<Any, Any>, options: StoreQueryOptions = {}): unknown {
    return openView(this.#queries, storeName(store), options);
  }

  /** As `store`, of a kind of store that the program brings: the store of one partition here. */
  customStore<S extends StateStore>(name: string, options: StoreQueryOptions = {}): S {
    return new StoreFinder(this.#queries, name, options).stores<S>()[0]!;
  }

  /**
   * A table's store, wherever its partitions are: instances with an `application.server` are asked
   * by HTTP for what is not here. While tasks move, it asks again.
   */
  ask<K, V>(table: QueryableTable<K, V>, options?: AskOptions): StoreAskOf<K, V>;
  /** The same for a store that is known by its name. */
  ask<K = Any, V = Any>(name: string, options?: AskOptions): AnyStoreAsk<K, V>;
  ask(store: string | QueryableTable<Any, Any>, options: AskOptions = {}): unknown {
    return askStore(new Asker(this.#queries, storeName(store), options));
  }

  /** The instances that say where they answer, and this one, with their stores and partitions. */
  allMetadata(): StreamsMetadata[] {
    return this.#queries.allMetadata();
  }

  /** Where a key of a store is, if its records are where the default partitioner puts them. */
  metadataForKey<K>(store: string | QueryableTable<K, unknown>, key: K): KeyQueryMetadata {
    return this.#queries.metadataForKey(storeName(store), key);
  }

  /** The tasks of this instance: their state, and how far they have read. */
  metadataForLocalThreads(): ThreadMetadata[] {
    return this.#instance === null ? [] : [threadMetadata(this.#instance, this.#state.now)];
  }

  /** How far the stores of this instance are behind their changelogs, by store and partition. */
  async allLocalStorePartitionLags(): Promise<StoreLags> {
    return this.#instance === null ? new Map() : await localStoreLags(this.#instance);
  }

  /** Where it answers other instances; null where it has no `application.server`. */
  get server(): HostInfo | null {
    return this.#reached;
  }

  /** Asks all instances of the application to end. They do, with an error that says so. */
  shutdownApplication(): void {
    this.#instance?.group.shutdownApplication();
  }

  /** The names of the tasks that are here, such as `0_3`. */
  get taskNames(): string[] {
    return Array.from(this.#instance?.tasks.all() ?? [], ({ name }) => name).toSorted();
  }

  /** How many rows of stores were read from changelogs since the start. */
  get restoredRows(): number {
    return this.#instance?.restored ?? 0;
  }

  /** How many records were left out, by node and reason. */
  get droppedRecords(): ReadonlyMap<string, number> {
    return this.#dropped;
  }

  /** Resolves when it has ended, by `close` or by a failure, which `failure` has. */
  async ended(): Promise<void> {
    await this.#running;
  }

  /** Commits what is done, leaves the group and closes, within a time. */
  close(options: StreamsCloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? CLOSE_TIMEOUT_MS);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #newQueries(): ApplicationQueries {
    const streams = this;
    return new ApplicationQueries({
      plan: this.#plan,
      settings: this.#settings,
      get state() {
        return streams.state;
      },
      get instance() {
        return streams.#instance;
      },
      get host() {
        return streams.server;
      },
      metricsText: () => this.metrics.prometheus(),
    });
  }

  #newInstance(): Instance {
    const { stateDir, applicationId, thread } = this.#settings;
    const share = thread ?? undefined;
    const isKept = stateDir !== null;
    const directory = isKept ? new StateDirectory(stateDir, applicationId, share) : null;
    const reached = this.#reached;
    const applicationServer = reached === null ? null : hostText(reached);
    const settings = { ...this.#settings, applicationServer };
    const instance = new Instance(this.#plan, settings, directory, {
      onChange: () => this.#onChange(),
      onDropped: (node, reason) => this.#onDropped(node, reason),
      listeners: { restores: this.#restores, standbys: this.#standbys },
      state: () => {
        const { now } = this.#state;
        return { number: STREAMS_STATES.indexOf(now), hasFailed: now === 'ERROR' };
      },
    });
    instance.loop.setPaused(this.#isPaused);
    return instance;
  }

  #run(): Promise<void> {
    const isClosing = () => this.#closing !== null;
    return runInstances({
      settings: this.#settings,
      get isClosing() {
        return isClosing();
      },
      begin: () => {
        this.#instance = this.#newInstance();
        return this.#instance;
      },
      onOpened: () => this.#onChange(),
      onReplaced: () => this.#state.become('REBALANCING'),
    });
  }

  #setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#instance?.loop.setPaused(isPaused);
  }

  async #close(timeoutMs: number): Promise<void> {
    if (this.#state.now !== 'ERROR') this.#state.become('PENDING_SHUTDOWN');
    this.#instance?.loop.end();
    const ended = this.ended();
    await within(ended, timeoutMs);
    this.#instance?.loop.abandon();
    await within(ended, timeoutMs);
    await this.#server?.close();
    await this.#instance?.close(timeoutMs);
    if (this.#failure === null) this.#state.become('NOT_RUNNING');
  }

  /** Others of the group go on with its tasks. */
  #fail(thrown: unknown): void {
    this.#failure = thrown;
    this.#state.become('ERROR');
    const leaving = this.#instance?.group.close(CLOSE_TIMEOUT_MS) ?? Promise.resolve();
    inBackground(leaving, (failure) => this.#settings.onError(toKafkaError(failure)));
  }

  #onChange(): void {
    if (!this.#state.isAlive) return;
    const { tasks, hasJoined } = this.#instance ?? { tasks: null, hasJoined: false };
    const isRunning = hasJoined && tasks?.isRestoring === false;
    this.#state.become(isRunning ? 'RUNNING' : 'REBALANCING');
    if (isRunning) this.#onRunning?.();
  }

  #onDropped(node: string, reason: string): void {
    const name = `${node}: ${reason}`;
    this.#dropped.set(name, (this.#dropped.get(name) ?? 0) + 1);
  }
}
