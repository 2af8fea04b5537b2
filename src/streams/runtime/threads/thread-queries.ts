import { reasonOf } from '../../../base/errors.ts';
import { isKafkaError } from '../../../client/errors/kafka-error.ts';
import type { HostTasks } from '../../assign/assignment-data.ts';
import { joinFigures } from '../../metrics/instance-figures.ts';
import type { HostedTasks } from '../../queries/application-metadata.ts';
import type { AskHost } from '../../queries/asker.ts';
import type { Query, QueryRow } from '../../queries/query.ts';
import { QueryCodec, type WireQuery, type WireRow } from '../../queries/query-codec.ts';
import { QueryError } from '../../queries/query-error.ts';
import type { ServedApplication } from '../../queries/query-server.ts';
import { StoreFinder } from '../../queries/store-finder.ts';
import type { HostedStore } from '../../queries/store-host.ts';
import type { StoreQueryOptions } from '../../queries/store-query-options.ts';
import { taskIdText } from '../../topology/task-id.ts';
import { hostedTasks } from '../hosted-tasks.ts';
import { type DescribedApplication, KnownApplication } from '../known-application.ts';
import type { StreamThread } from './stream-thread.ts';

/** What questions to threads are answered from. */
export interface ThreadedApplication extends DescribedApplication {
  readonly streamThreads: readonly StreamThread[];
  metricsText(): Promise<string>;
}

/** The stores of a process whose tasks live in several threads, which are asked one by one. */
export class ThreadQueries extends KnownApplication implements AskHost, ServedApplication {
  readonly #application: ThreadedApplication;
  /** What the group told a thread last, and what each of them was told before. */
  #told: readonly HostTasks[] = [];
  readonly #toldEach = new Map<StreamThread, string>();

  constructor(application: ThreadedApplication) {
    super(application);
    this.#application = application;
  }

  /** None can be read by a thread that does not have it. */
  override hosted(): readonly HostedStore[] {
    return [];
  }

  async here<K, V>(
    name: string,
    query: Query<K>,
    options: StoreQueryOptions,
  ): Promise<QueryRow<K, V>[]> {
    const codec = new QueryCodec<K, V>(this.plans.get(name)!.spec);
    return codec.decodeRows(await this.answer(codec.encode(query, options)));
  }

  async refreshHosts(): Promise<void> {
    // A thread that has ended meanwhile has nothing to tell.
    await Promise.allSettled(this.#threads.map((thread) => thread.ask('refresh', null)));
  }

  /** A thread has told its figures. Where the group told it something new, that is the newest. */
  learn(thread: StreamThread): void {
    const { hosts } = thread.figures;
    const text = JSON.stringify(hosts);
    if (hosts.length === 0 || text === this.#toldEach.get(thread)) return;
    this.#toldEach.set(thread, text);
    this.#told = hosts;
  }

  forget(thread: StreamThread): void {
    this.#toldEach.delete(thread);
  }

  async answer(wire: WireQuery): Promise<WireRow[]> {
    const { isGlobal } = new StoreFinder(this, wire.store, {});
    const { partitions } = wire;
    if (isGlobal) return await this.#ofFirst(this.#threads, wire);
    if (partitions === null) return await this.#ofAll(wire);
    const rows = partitions.map((partition) => {
      const one = { ...wire, partitions: [partition] };
      return this.#ofFirst(this.#threadsFor(wire.store, partition), one);
    });
    return (await Promise.all(rows)).flat();
  }

  metrics(): Promise<string> {
    return this.#application.metricsText();
  }

  async figures(): Promise<unknown> {
    const { settings, state } = this.#application;
    const asked = this.#threads.map((thread) => thread.ask('figures', null));
    const joined = joinFigures(await Promise.all(asked));
    const instances = this.hosts.instances();
    return { applicationId: settings.applicationId, state, instances, ...joined };
  }

  /** The first answer, from threads that are asked one after the other. */
  async #ofFirst(threads: readonly StreamThread[], wire: WireQuery): Promise<WireRow[]> {
    const refusals: QueryError[] = [];
    for (const thread of threads) {
      const answer = await answerOf(thread, wire);
      if (!(answer instanceof QueryError)) return [...answer];
      refusals.push(answer);
    }
    throw this.#refusal(wire, refusals);
  }

  /** What all threads have that have any of it, one after the other. */
  async #ofAll(wire: WireQuery): Promise<WireRow[]> {
    const answers = await Promise.all(this.#threads.map((thread) => answerOf(thread, wire)));
    const refusals = answers.filter((each) => each instanceof QueryError);
    if (refusals.length === answers.length) throw this.#refusal(wire, refusals);
    return answers.flatMap((each) => (each instanceof QueryError ? [] : each));
  }

  /** That a store is not in a thread says less than what the thread that has it says. */
  #refusal({ store }: WireQuery, refusals: readonly QueryError[]): QueryError {
    const telling = refusals.find(({ code }) => code !== 'QUERY_NOT_HERE') ?? refusals[0];
    if (telling !== undefined) return telling;
    const { state } = this;
    const isStarting = state === 'REBALANCING' || state === 'RUNNING';
    const code = isStarting ? 'QUERY_REBALANCING' : 'QUERY_NOT_RUNNING';
    return new QueryError(code, `store ${store}: the application is ${state}, without a thread`);
  }

  /** The one that has the task comes first, then the one that has a copy. */
  #threadsFor(store: string, partition: number): StreamThread[] {
    const task = taskIdText({ subtopology: this.plans.get(store)!.subtopology, partition });
    const rank = ({ figures: { taskNames, standbyNames } }: StreamThread): number => {
      if (taskNames.includes(task)) return 0;
      return standbyNames.includes(task) ? 1 : 2;
    };
    return this.#threads.toSorted((one, other) => rank(one) - rank(other));
  }

  get #threads(): readonly StreamThread[] {
    return this.#application.streamThreads;
  }

  protected override hostedTasks(): HostedTasks[] {
    const { host } = this.#application;
    const figures = this.#threads.map((thread) => thread.figures);
    const active = figures.flatMap(({ taskNames }) => taskNames);
    const standby = figures.flatMap(({ standbyNames }) => standbyNames);
    return hostedTasks({ host, active, standby }, this.#told);
  }

  protected override taskCount(subtopology: number): number {
    const counts = this.#threads.map(({ figures }) => figures.taskCounts.get(subtopology) ?? 0);
    return Math.max(0, ...counts);
  }

  protected override topicNames(): Iterable<string> {
    return new Set(this.#threads.flatMap(({ figures }) => figures.topics));
  }
}

/** A thread that has ended meanwhile is none to ask. Throws what is wrong with the question. */
async function answerOf(
  thread: StreamThread,
  wire: WireQuery,
): Promise<readonly WireRow[] | QueryError> {
  try {
    return await thread.ask('query', wire);
  } catch (thrown) {
    if (thrown instanceof QueryError) return thrown;
    if (!isKafkaError(thrown, 'CLOSED')) throw thrown;
    return new QueryError('QUERY_REBALANCING', `store ${wire.store}: ${reasonOf(thrown)}`);
  }
}
