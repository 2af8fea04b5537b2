import { randomUUID } from 'node:crypto';
import { inBackground } from '../../../base/in-background.ts';
import { KafkaError, toKafkaError } from '../../../client/errors/kafka-error.ts';
import type { MeasuredMetric } from '../../../client/metrics/client-metrics.ts';
import { prometheusText } from '../../../client/metrics/prometheus-text.ts';
import type { KeyQueryMetadata, StreamsMetadata } from '../../queries/application-metadata.ts';
import { type AnyStoreAsk, askStore, type StoreAskOf } from '../../queries/ask-store.ts';
import { Asker, type AskOptions } from '../../queries/asker.ts';
import { type HostInfo, hostText } from '../../queries/host-info.ts';
import { NearbyAsker } from '../../queries/nearby-asker.ts';
import type { QueryableTable } from '../../queries/open-view.ts';
import { QueryError } from '../../queries/query-error.ts';
import type { QueryServer } from '../../queries/query-server.ts';
import { storeName } from '../../queries/store-name.ts';
import type { StoreQueryOptions } from '../../queries/store-query-options.ts';
import { StateDirectory } from '../../state/disk/state-directory.ts';
import { ApplicationState, type StateListener } from '../application-state.ts';
import type { StoreLag, StoreLags } from '../local-store-lags.ts';
import { newQueryServer } from '../new-query-server.ts';
import type { RestoreListener, StandbyListener } from '../restore-listener.ts';
import { CLOSE_TIMEOUT_MS } from '../run-instances.ts';
import { StateCleaner } from '../state-cleaner.ts';
import type { RunnableTopology, StreamsCloseOptions } from '../streams.ts';
import {
  readStreamsOptions,
  type StreamsOptions,
  type StreamsSettings,
} from '../streams-options.ts';
import { STREAMS_STATES, type StreamsState } from '../streams-state.ts';
import type { ThreadMetadata } from '../thread-metadata.ts';
import { joinMetrics } from './join-metrics.ts';
import { loadTopology } from './load-topology.ts';
import type { StoreAnswer, ThreadSetup } from './thread-messages.ts';
import { threadOptions } from './thread-options.ts';
import { ThreadQueries } from './thread-queries.ts';
import { ThreadSet } from './thread-set.ts';

// biome-ignore lint/suspicious/noExplicitAny: a store known by name alone may have any types.
type Any = any;

/** A thread as it is now. */
export interface ThreadView {
  readonly number: number;
  readonly state: StreamsState;
  readonly taskNames: readonly string[];
}

/**
 * Runs an application in several threads of this process (`num.stream.threads`), each with a loop,
 * clients and tasks of its own. Functions do not go from thread to thread, so each of them imports
 * the topology: the default export of a module, or what the function there returns. Options that
 * are or have functions are its export `options`. This thread imports it too: it has no tasks, but
 * knows what keys and values of stores look like.
 */
export class ThreadedStreams implements AsyncDisposable {
  readonly #module: string;
  readonly #given: StreamsOptions;
  readonly #settings: StreamsSettings;
  readonly #threads: ThreadSet;
  #directory: StateDirectory | null = null;
  #processId = '';
  readonly #state = new ApplicationState();
  #queries: ThreadQueries | null = null;
  #server: QueryServer | null = null;
  #cleaner: StateCleaner | null = null;
  #reached: HostInfo | null = null;
  #failure: unknown = null;
  #closing: Promise<void> | null = null;
  readonly #ended: Promise<void>;
  #onEnded!: () => void;
  #onRunning: (() => void) | null = null;

  /** Of the module: its URL, as `new URL('./topology.js', import.meta.url)`. */
  constructor(module: URL | string, options: StreamsOptions) {
    this.#module = String(module);
    this.#settings = readStreamsOptions(options);
    this.#given = threadOptions(options);
    this.#threads = this.#newThreads();
    this.#ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
  }

  /** Resolves once all threads have their tasks and they run; rejects with what ended it before. */
  async start(): Promise<this> {
    this.#state.requireNew();
    const queries = this.#newQueries((await loadTopology(this.#module)).topology);
    this.#queries = queries;
    this.#server = newQueryServer(this.#settings, queries);
    this.#reached = (await this.#server?.open()) ?? null;
    try {
      this.#openDirectory();
    } catch (thrown) {
      await this.#server?.close();
      throw thrown;
    }
    this.#state.become('REBALANCING');
    const started = new Promise<void>((resolve) => {
      this.#onRunning = resolve;
    });
    const { numStreamThreads } = this.#settings;
    for (let number = 1; number <= numStreamThreads; number++) this.#threads.start(number);
    await Promise.race([started, this.#ended]);
    if (this.#failure !== null) throw this.#failure;
    return this;
  }

  /** Where it is in its life: RUNNING where all threads are. */
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
    return this.#threads.listen('restores', listener);
  }

  /** Tells how standbys follow their changelogs, until the function that it returns is called. */
  onStandbyUpdate(listener: StandbyListener): () => void {
    return this.#threads.listen('standbys', listener);
  }

  /** The threads that there are. */
  get threads(): ThreadView[] {
    return this.#threads.all().map(({ number, figures }) => {
      return { number, state: figures.state, taskNames: figures.taskNames };
    });
  }

  /** The names of the tasks that are here, such as `0_3`. */
  get taskNames(): string[] {
    return this.threads.flatMap(({ taskNames }) => taskNames).toSorted();
  }

  /** How many rows of stores were read from changelogs by the threads that there are. */
  get restoredRows(): number {
    let sum = 0;
    for (const { figures } of this.#threads.all()) sum += figures.restoredRows;
    return sum;
  }

  /** How many records were left out, by node and reason. */
  get droppedRecords(): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { figures } of this.#threads.all()) {
      for (const [name, count] of figures.droppedRecords) {
        sums.set(name, (sums.get(name) ?? 0) + count);
      }
    }
    return sums;
  }

  /**
   * The metrics of all threads now, as `Streams.metrics.list()` has those of one. The state is that
   * of the application.
   */
  async metrics(): Promise<MeasuredMetric[]> {
    const lists = await this.#threads.askAll('metrics', null);
    return joinMetrics(lists, {
      'client-state': STREAMS_STATES.indexOf(this.#state.now),
      'alive-stream-threads': this.#threads.all().length,
      'failed-stream-threads': this.#failure === null ? 0 : 1,
    });
  }

  /** Takes no records until `resume`. The threads stay in the group, and keep their tasks. */
  pause(): void {
    this.#threads.setPaused(true);
  }

  /** Takes records again. */
  resume(): void {
    this.#threads.setPaused(false);
  }

  /**
   * What of a table's store is in this process. Its calls are those of `ask`, since stores live in
   * the threads; they reject with `QueryError` where nothing of it is here.
   */
  store<K, V>(table: QueryableTable<K, V>, options?: StoreQueryOptions): StoreAskOf<K, V>;
  /** The same for a store that is known by its name. */
  store<K = Any, V = Any>(name: string, options?: StoreQueryOptions): AnyStoreAsk<K, V>;
  store(store: string | QueryableTable<Any, Any>, options: StoreQueryOptions = {}): unknown {
    return askStore(new NearbyAsker(this.#started, storeName(store), options));
  }

  /**
   * A table's store, wherever its partitions are: in threads of this process, or in instances with
   * an `application.server`, which are asked by HTTP. While tasks move, it asks again.
   */
  ask<K, V>(table: QueryableTable<K, V>, options?: AskOptions): StoreAskOf<K, V>;
  /** The same for a store that is known by its name. */
  ask<K = Any, V = Any>(name: string, options?: AskOptions): AnyStoreAsk<K, V>;
  ask(store: string | QueryableTable<Any, Any>, options: AskOptions = {}): unknown {
    return askStore(new Asker(this.#started, storeName(store), options));
  }

  /**
   * Calls a method of a store that reads, such as `get` or `range`, in each task of this process
   * that has it, and gives what they say by partition. Lists come as arrays. It is for kinds of
   * stores that the program brings.
   */
  async callStores(
    store: string,
    method: string,
    args: readonly unknown[] = [],
  ): Promise<readonly StoreAnswer[]> {
    const answers = (await this.#threads.askAll('call', { store, method, args })).flat();
    return answers.sort((one, other) => one.partition - other.partition);
  }

  /** The instances that say where they answer, and this one, with their stores and partitions. */
  allMetadata(): StreamsMetadata[] {
    return this.#queries?.allMetadata() ?? [];
  }

  /** Where a key of a store is, if its records are where the default partitioner puts them. */
  metadataForKey<K>(store: string | QueryableTable<K, unknown>, key: K): KeyQueryMetadata {
    return this.#started.metadataForKey(storeName(store), key);
  }

  /** The tasks of each thread: their state, and how far they have read. */
  async metadataForLocalThreads(): Promise<ThreadMetadata[]> {
    return (await this.#threads.askAll('metadata', null)).flat();
  }

  /** How far the stores of this process are behind their changelogs, by store and partition. */
  async allLocalStorePartitionLags(): Promise<StoreLags> {
    const lags = new Map<string, Map<number, StoreLag>>();
    for (const [store, ofStore] of (await this.#threads.askAll('lags', null)).flatMap((each) => [
      ...each,
    ])) {
      lags.set(store, new Map([...(lags.get(store) ?? []), ...ofStore]));
    }
    return lags;
  }

  /** Where it answers other instances; null where it has no `application.server`. */
  get server(): HostInfo | null {
    return this.#reached;
  }

  /** Asks all instances of the application to end. They do, with an error that says so. */
  shutdownApplication(): void {
    this.#threads.shutdownApplication();
  }

  /** Starts one more, and returns its number. */
  addThread(): number {
    if (!this.#state.isAlive) {
      throw new KafkaError('BAD_ARGUMENT', `no thread can be added while it is ${this.#state.now}`);
    }
    return this.#threads.add();
  }

  /** Closes one, by default the last, whose tasks go to the others. False where there is none. */
  async removeThread(number?: number): Promise<boolean> {
    const thread = number === undefined ? this.#threads.all().at(-1) : this.#threads.get(number);
    if (thread === undefined) return false;
    await thread.close(CLOSE_TIMEOUT_MS);
    return true;
  }

  /** Resolves when it has ended, by `close` or by a failure, which `failure` has. */
  ended(): Promise<void> {
    return this.#ended;
  }

  /** Commits what is done, leaves the group and closes, within a time. */
  close(options: StreamsCloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? CLOSE_TIMEOUT_MS);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #newQueries(topology: RunnableTopology): ThreadQueries {
    const built = 'plan' in topology ? topology : topology.build();
    const streams = this;
    return new ThreadQueries({
      plan: built.plan(),
      settings: this.#settings,
      get state() {
        return streams.state;
      },
      get streamThreads() {
        return streams.#threads.all();
      },
      get host() {
        return streams.server;
      },
      metricsText: async () => prometheusText(await this.metrics()),
    });
  }

  get #started(): ThreadQueries {
    if (this.#queries !== null) return this.#queries;
    throw new QueryError('QUERY_NOT_RUNNING', 'the application is not started');
  }

  #newThreads(): ThreadSet {
    const isOver = () => this.#closing !== null || this.#failure !== null;
    return new ThreadSet({
      settings: this.#settings,
      get isOver() {
        return isOver();
      },
      setupOf: (number, locks) => this.#setupOf(number, locks),
      onFigures: (thread) => {
        this.#queries?.learn(thread);
        this.#lookAtThreads();
      },
      onGone: (thread) => {
        this.#queries?.forget(thread);
        this.#lookAtThreads();
      },
      onReplaced: (thread) => {
        this.#queries?.forget(thread);
        this.#state.become('REBALANCING');
      },
      onFailure: (error) => this.#fail(error),
    });
  }

  #openDirectory(): void {
    const { stateDir, applicationId } = this.#settings;
    this.#directory = stateDir === null ? null : new StateDirectory(stateDir, applicationId);
    this.#processId = this.#directory?.identity.processId ?? randomUUID();
    if (this.#directory === null) return;
    const isRunning = () => this.#state.now === 'RUNNING';
    const locks = this.#threads.cleanerLocks;
    this.#cleaner = new StateCleaner(this.#directory, this.#settings, isRunning, locks);
  }

  #setupOf(thread: number, locks: SharedArrayBuffer): ThreadSetup {
    const module = this.#module;
    const processId = this.#processId;
    const server = this.#reached === null ? null : hostText(this.#reached);
    const options = { ...this.#given, applicationServer: server };
    return { module, options, thread, processId, locks };
  }

  #lookAtThreads(): void {
    if (!this.#state.isAlive) return;
    const isRunning = this.threads.every(({ state }) => state === 'RUNNING');
    this.#state.become(isRunning ? 'RUNNING' : 'REBALANCING');
    if (!isRunning) return;
    this.#onRunning?.();
    this.#threads.onRunning();
  }

  /** The other threads end too: the application is one. */
  #fail(failure: unknown): void {
    this.#failure ??= failure;
    this.#state.become('ERROR');
    if (this.#closing !== null) return;
    inBackground(this.close(), (thrown) => this.#settings.onError(toKafkaError(thrown)));
  }

  async #close(timeoutMs: number): Promise<void> {
    if (this.#state.now !== 'ERROR') this.#state.become('PENDING_SHUTDOWN');
    this.#cleaner?.close();
    await this.#server?.close();
    await this.#threads.close(timeoutMs);
    this.#directory?.close();
    if (this.#failure === null) this.#state.become('NOT_RUNNING');
    this.#onEnded();
  }
}
