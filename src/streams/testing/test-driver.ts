import type { Topic } from '../../client/serde/topic.ts';
import { partitionName } from '../../client/topic-partition.ts';
import { CacheBudget } from '../state/cache/cache-budget.ts';
import { makeStore as newStore } from '../state/make-store.ts';
import { failingHandlers } from '../tasks/default-handlers.ts';
import { GlobalTask } from '../tasks/global-task.ts';
import { sourceTopicsOf } from '../tasks/partition-counts.ts';
import type { RecordQueue } from '../tasks/record-queue.ts';
import { Task } from '../tasks/task.ts';
import type { TaskEnvironment } from '../tasks/task-environment.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { SubtopologyPlan, TopologyPlan } from '../topology/topology-plan.ts';
import type { DroppedRecord, TestDriverOptions } from './driver-options.ts';
import { DriverTopics } from './driver-topics.ts';
import { MemoryCluster, type SentRecord } from './memory-cluster.ts';
import type { MemoryTopic } from './memory-topic.ts';
import { asOneSubtopology } from './one-subtopology.ts';
import { TestInput, type TestInputOptions } from './test-input.ts';
import { TestOutput } from './test-output.ts';
import type { RawRecord } from './test-record.ts';

/** A topology, or the builder of one. */
export type TestedTopology = { plan(): TopologyPlan } | { build(): { plan(): TopologyPlan } };

/** Committed of one partition. */
interface CommittedPosition {
  readonly offset: number;
  readonly metadata: string;
}

/** A partition that a task reads. */
interface ReadPartition {
  readonly task: Task;
  readonly queue: RecordQueue;
}

/**
 * Runs an application without a broker: every record that a test sends is processed, with all that
 * follows from it, before the call returns. The clock stands still unless the test moves it. Tasks
 * and stores are those that run in production, and the topics are kept in memory.
 */
export class TestDriver implements Disposable {
  /** Records that were left out, with the reasons. */
  readonly dropped: DroppedRecord[] = [];
  readonly #plan: TopologyPlan;
  readonly #options: TestDriverOptions;
  readonly #applicationId: string;
  readonly #isTransactional: boolean;
  readonly #cluster: MemoryCluster;
  readonly #topics: DriverTopics;
  readonly #committed = new Map<string, CommittedPosition>();
  /** Topics that somebody reads. */
  readonly #admitted = new Set<string>();
  #timeMs: number;
  #tasks: Task[] = [];
  #globals: GlobalTask[] = [];
  #readers = new Map<string, ReadPartition>();
  #isClosed = false;
  /** Of the test that waits for calls. */
  #onWake: (() => void) | null = null;

  constructor(topology: TestedTopology, options: TestDriverOptions = {}) {
    const plan = 'plan' in topology ? topology.plan() : topology.build().plan();
    this.#options = options;
    this.#applicationId = options.applicationId ?? 'test';
    this.#timeMs = options.startMs ?? 0;
    this.#plan = options.oneTask === true ? asOneSubtopology(plan) : plan;
    this.#topics = new DriverTopics(this.#plan, this.#applicationId, options);
    this.#isTransactional = options.processingGuarantee === 'exactly_once_v2';
    this.#cluster = new MemoryCluster(this.#isTransactional, (topic) =>
      this.#topics.partitionsOf(topic),
    );
    this.#start();
  }

  /** What the clock says. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** A topic that the test writes to. */
  input<K, V>(
    topic: Topic<K, V, unknown, unknown>,
    { startMs = this.#timeMs, advanceMs = 0 }: TestInputOptions = {},
  ): TestInput<K, V> {
    return new TestInput(topic, startMs, advanceMs, (...written) => this.#pipe(...written));
  }

  /** A topic that the test reads. */
  output<K, V>(topic: Topic<never, never, K, V>): TestOutput<K, V> {
    return new TestOutput(topic, () => this.#cluster.topics.get(topic.name));
  }

  /** All records of a topic, internal ones and changelogs too; empty where nothing was written. */
  records(topic: string): readonly RawRecord[] {
    const found = this.#cluster.topics.get(topic);
    if (found === undefined) return [];
    return Array.from({ length: found.size }, (_, number) => found.recordAt(number));
  }

  /** As `records`, without those that the test wrote itself. */
  written(topic: string): readonly RawRecord[] {
    const found = this.#cluster.topics.get(topic);
    return this.records(topic).filter((_, number) => found?.isOfTest(number) === false);
  }

  /** The names of all topics that something was written to. */
  topics(): string[] {
    const topics = [...this.#cluster.topics.values()].filter(({ size }) => size > 0);
    return topics.map(({ name }) => name).toSorted();
  }

  /** Moves the clock on, makes the punctuations that are due, and processes what comes of them. */
  advance(ms: number): void {
    this.#requireOpen();
    if (ms < 0) throw new RangeError('the clock cannot go back');
    this.#timeMs += ms;
    for (const task of this.#tasks) {
      task.punctuateClock();
      this.#afterStep(task);
    }
    this.#pump();
  }

  /**
   * Resolves when no asynchronous call is under way any more, and what came of them is processed.
   * Calls that wait for the clock, to be repeated or given up, wait for `advance`.
   */
  async settled(): Promise<void> {
    for (;;) {
      this.#requireOpen();
      this.#pump();
      if (this.#tasks.every(({ unfinished }) => unfinished === 0)) return;
      await new Promise<void>((resolve) => {
        this.#onWake = resolve;
      });
    }
  }

  /** Commits all tasks, where `commits` is `by-hand`. */
  commit(): void {
    this.#requireOpen();
    for (const task of this.#tasks) this.#commit(task);
    this.#pump();
  }

  /**
   * Kills the application and starts it again: what was not committed is lost, stores come back
   * from their changelogs, and records come again from the committed offsets.
   */
  crash(): void {
    this.#requireOpen();
    this.#cluster.abort();
    this.#cluster.takeWritten();
    for (const task of this.#tasks) task.stores.close();
    this.#start();
    this.#pump();
  }

  /** A store of the task that has this partition, or a global one. */
  store<S extends StateStore = StateStore>(name: string, partition = 0): S {
    const store = this.stores(partition).get(name);
    if (store !== undefined) return store as S;
    throw new Error(`there is no store ${name} in partition ${partition}`);
  }

  /** All stores of the tasks with this partition, and the global ones. */
  stores(partition = 0): Map<string, StateStore> {
    const stores = new Map<string, StateStore>();
    for (const { taskId, stores: own } of this.#tasks) {
      if (taskId.partition !== partition) continue;
      for (const name of own.names()) stores.set(name, own.get(name)!);
    }
    for (const { store } of this.#globals) stores.set(store.name, store);
    return stores;
  }

  /** Ends the application as a clean stop does. */
  close(): void {
    if (this.#isClosed) return;
    for (const task of this.#tasks) {
      this.#commit(task);
      task.close();
    }
    for (const global of this.#globals) global.close();
    this.#isClosed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new Error('the test driver is closed');
  }

  #pipe(topic: string, partition: number, record: SentRecord): void {
    this.#requireOpen();
    if (!this.#admitted.has(topic)) this.#admit(topic);
    this.#admitted.add(topic);
    this.#cluster.write(topic, partition, record);
    this.#pump();
  }

  /** Topics that only a pattern names are known when the first record comes. */
  #admit(topic: string): void {
    if (this.#isRead(topic)) return;
    const { subtopologies } = this.#plan;
    const readers = subtopologies.filter((each) => {
      return sourceTopicsOf(each, this.#applicationId, [topic]).includes(topic);
    });
    if (readers.length === 0) throw new Error(`no source of the topology reads topic ${topic}`);
    const { partitions } = this.#cluster.topic(topic);
    for (const { id } of readers) {
      for (const task of this.#tasks) {
        const { subtopology, partition } = task.taskId;
        if (subtopology === id && partition < partitions.length) this.#read(task, topic);
      }
    }
  }

  #isRead(topic: string): boolean {
    return (
      this.#readers.has(partitionName({ topic, partition: 0 })) ||
      this.#globals.some((each) => each.topic === topic)
    );
  }

  #read(task: Task, topic: string): void {
    const { partition } = task.taskId;
    const at = { topic, partition };
    const name = partitionName(at);
    const queue = task.addPartition(at);
    const { offset, metadata } = this.#committed.get(name) ?? { offset: 0, metadata: '' };
    task.resumeAt(queue, offset, metadata);
    this.#readers.set(name, { task, queue });
    this.#cluster.sources.add(topic);
    const { partitions } = this.#cluster.topic(topic);
    const records = partitions[partition]!.length;
    if (records > offset) {
      task.add(queue, this.#cluster.topic(topic).chunk(partition, offset, records));
    }
  }

  #start(): void {
    this.#readers = new Map();
    this.#admitted.clear();
    this.#globals = [];
    const globalStores = new Map<string, StateStore>();
    const environment = this.#environment(globalStores);
    for (const plan of this.#plan.globals) {
      const global = new GlobalTask(plan, environment);
      globalStores.set(global.store.name, global.store);
      this.#globals.push(global);
      this.#cluster.sources.add(global.topic);
      global.open();
      this.#refill(global);
    }
    this.#tasks = this.#plan.subtopologies.flatMap((subtopology) => {
      return Array.from({ length: this.#topics.taskCount(subtopology) }, (_, partition) => {
        return this.#newTask(subtopology, partition, environment);
      });
    });
  }

  #newTask(plan: SubtopologyPlan, partition: number, environment: TaskEnvironment): Task {
    const maxIdleMs = this.#options.maxTaskIdleMs ?? 0;
    const { idleAdvanceMs = Number.POSITIVE_INFINITY } = this.#options;
    const pace = { maxIdleMs, idleAdvanceMs, lagOf: () => 0 };
    const task = new Task({ subtopology: plan.id, partition }, plan, environment, pace);
    task.stores.open();
    for (const { store, topic, isSource } of task.stores.restored) {
      this.#restore(store, this.#cluster.topic(topic), partition, isSource);
    }
    for (const topic of sourceTopicsOf(plan, this.#applicationId, this.#cluster.topics.keys())) {
      if (partition < this.#cluster.partitionCount(topic)) this.#read(task, topic);
    }
    task.open();
    return task;
  }

  #restore(store: StateStore, topic: MemoryTopic, partition: number, isSource: boolean): void {
    const records = topic.partitions[partition];
    if (records === undefined) return;
    const committed = this.#committed.get(partitionName({ topic: topic.name, partition }));
    const end = isSource ? (committed?.offset ?? 0) : records.length;
    for (let offset = 0; offset < end; offset++) {
      const { key, value, timestamp, headers } = records.at(offset);
      if (key !== null) store.restore(key, value, timestamp, headers);
    }
  }

  #refill(global: GlobalTask): void {
    const topic = this.#cluster.topics.get(global.topic);
    if (topic === undefined) return;
    for (const [partition, { length }] of topic.partitions.entries()) {
      global.update(partition, topic.chunk(partition, 0, length));
    }
    global.flush();
  }

  #environment(globalStores: ReadonlyMap<string, StateStore>): TaskEnvironment {
    const { key, value, timestampExtractor, handlers, makeStore } = this.#options;
    const { statestoreCacheMaxBytes: cacheBytes = 0, dslStoreSuppliersClass } = this.#options;
    const cache = cacheBytes > 0 ? new CacheBudget(cacheBytes) : undefined;
    const shared = { cache, storeType: dslStoreSuppliersClass };
    return {
      applicationId: this.#applicationId,
      output: this.#cluster,
      defaultKey: key,
      defaultValue: value,
      defaultExtractor: timestampExtractor,
      handlers: handlers ?? failingHandlers(),
      now: () => this.#timeMs,
      makeStore: makeStore ?? ((spec) => newStore(spec, shared)),
      globalStores,
      emitIntervalMs: this.#options.emitIntervalMs ?? 0,
      directoryOf: () => undefined,
      wake: () => this.#wake(),
      onDropped: (_task, node, reason) => this.dropped.push({ node, reason }),
    };
  }

  /** Until there is nothing left to do. Each task takes one record in its turn. */
  #pump(): void {
    this.#deliver();
    let hasRun = true;
    while (hasRun) {
      hasRun = false;
      for (const task of this.#tasks) {
        if (!this.#step(task)) continue;
        hasRun = true;
        this.#afterStep(task);
      }
    }
  }

  #step(task: Task): boolean {
    const hasSettled = task.settle();
    if (!task.process(this.#timeMs)) return task.advanceIdle(this.#timeMs) || hasSettled;
    task.punctuateStreamTime();
    return true;
  }

  #wake(): void {
    const resolve = this.#onWake;
    this.#onWake = null;
    resolve?.();
  }

  #afterStep(task: Task): void {
    if (this.#options.commits !== 'by-hand') this.#commit(task);
    this.#deliver();
  }

  #commit(task: Task): void {
    // What is under way belongs to what would be committed.
    if (!task.needsCommit || (this.#isTransactional && task.unfinished > 0)) return;
    task.flush();
    for (const each of task.offsets()) {
      const { offset, metadata = '' } = each;
      this.#committed.set(partitionName(each), { offset, metadata });
    }
    this.#cluster.commit();
    task.onCommitted();
    this.#deliver();
  }

  /** What was written reaches those who read it. */
  #deliver(): void {
    for (const { topic, partition, offset } of this.#cluster.takeWritten()) {
      const reader = this.#readers.get(partitionName({ topic: topic.name, partition }));
      reader?.task.add(reader.queue, topic.chunk(partition, offset, offset + 1));
      for (const global of this.#globals) {
        if (global.topic !== topic.name) continue;
        global.update(partition, topic.chunk(partition, offset, offset + 1));
        global.flush();
      }
    }
  }
}
