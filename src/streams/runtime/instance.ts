import { every } from '../../base/every.ts';
import { unref } from '../../base/unref.ts';
import { Admin } from '../../client/admin/admin.ts';
import { CLIENT_DEFAULTS } from '../../client/config/client-options.ts';
import { END } from '../../client/consumer/offsets/reset-policy.ts';
import { KafkaError, toKafkaError } from '../../client/errors/kafka-error.ts';
import { ClientMetrics, type MeasuredMetric } from '../../client/metrics/client-metrics.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { MeteredTask } from '../metrics/metered-task.ts';
import { StreamsMeters } from '../metrics/streams-meters.ts';
import { CacheBudget } from '../state/cache/cache-budget.ts';
import type { StateDirectory } from '../state/disk/state-directory.ts';
import { makeStore } from '../state/make-store.ts';
import { failingHandlers } from '../tasks/default-handlers.ts';
import { GlobalTask } from '../tasks/global-task.ts';
import { measureStore } from '../tasks/measured-store.ts';
import { type PartitionCounts, readsTopic, sourcesOf } from '../tasks/partition-counts.ts';
import type { RecordQueue } from '../tasks/record-queue.ts';
import type { TaskEnvironment } from '../tasks/task-environment.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { StoreSpec } from '../topology/store-spec.ts';
import { taskIdText } from '../topology/task-id.ts';
import type { OffsetReset, TopologyPlan } from '../topology/topology-plan.ts';
import { AtLeastOnceCommitter } from './at-least-once-committer.ts';
import { clientBytes } from './client-bytes.ts';
import { clientNamed, threadName } from './client-named.ts';
import type { Committer } from './committer.ts';
import { ExactlyOnceCommitter } from './exactly-once-committer.ts';
import { FaultPatience } from './fault-patience.ts';
import { GlobalReader } from './global-reader.ts';
import type { GroupReader } from './group-reader.ts';
import { InstanceGroup } from './instance-group.ts';
import { instanceWaits } from './instance-waits.ts';
import { InternalTopics, internalTopicNames } from './internal-topics.ts';
import type { LiveTask } from './live-task.ts';
import { meteredLiveTask, meteredStandby } from './metered-live-task.ts';
import { MissingSources } from './missing-sources.ts';
import { newProducer } from './new-producer.ts';
import { ProducerOutput } from './producer-output.ts';
import { RefusedRecords } from './refused-records.ts';
import { RepartitionPurge } from './repartition-purge.ts';
import type { StoreListeners } from './restore-listener.ts';
import { Restorer } from './restorer.ts';
import { StallWatch } from './stall-watch.ts';
import { StateCleaner } from './state-cleaner.ts';
import { StreamLoop } from './stream-loop.ts';
import type { StreamsSettings } from './streams-options.ts';
import { TaskSet } from './task-set.ts';
import { WakeSignal } from './wake-signal.ts';

const EMIT_INTERVAL_MS = 1_000;
/** How often counters are looked at, so that rates follow what happens. */
const SAMPLE_MS = 1_000;

/** What an instance tells of itself. */
export interface InstanceEvents {
  /** Tasks came, went, or began to run. */
  onChange(): void;
  onDropped(node: string, reason: string): void;
  readonly listeners: StoreListeners;
  /** The number that Kafka has for the state, and whether the state is that of an error. */
  state(): { readonly number: number; readonly hasFailed: boolean };
}

/** One running instance of an application: its clients, its tasks, and the loop that runs them. */
export class Instance {
  readonly tasks: TaskSet;
  readonly loop: StreamLoop;
  readonly globalStores = new Map<string, StateStore>();
  readonly meters: StreamsMeters;
  readonly #settings: StreamsSettings;
  readonly #reader: GroupReader;
  readonly #plan: TopologyPlan;
  readonly #admin: Admin;
  readonly #output: ProducerOutput;
  readonly group: InstanceGroup;
  readonly #restorer: Restorer;
  readonly #globals: GlobalReader;
  readonly #committer: Committer;
  readonly #directory: StateDirectory | null;
  readonly #wake = new WakeSignal();
  #counts: PartitionCounts | null = null;
  /** Whether this instance makes internal topics, or the coordinator of its group. */
  #makesTopics = false;
  #purge: RepartitionPurge | null = null;
  #sampling: NodeJS.Timeout | null = null;
  readonly #cleaner: StateCleaner | null;
  readonly #stalls: StallWatch;
  readonly #missing = new MissingSources();
  #isClosed = false;

  constructor(
    plan: TopologyPlan,
    given: StreamsSettings,
    directory: StateDirectory | null,
    events: InstanceEvents,
  ) {
    this.#directory = directory;
    const own = directory?.identity.processId ?? given.thread?.processId;
    const processId = own ?? crypto.randomUUID();
    const settings = withClientId(given, processId);
    this.#plan = plan;
    this.#settings = settings;
    this.meters = newMeters(settings);
    this.#stalls = new StallWatch(settings);
    this.#admin = new Admin(clientNamed(settings, 'admin'));
    const internal = internalTopicNames(plan, settings.applicationId);
    const openProducer = () => newProducer(settings, processId, internal);
    const isExact = settings.processingGuarantee === 'exactly_once_v2';
    const { errorHandlers, errorsDeadLetterQueueTopicName: deadLetters } = settings;
    const asks = errorHandlers !== null || deadLetters !== null;
    const refused = asks ? new RefusedRecords(isExact) : null;
    this.#output = new ProducerOutput(openProducer, (topic) => this.#countOf(topic), refused);
    const patience = new FaultPatience(settings);
    const environment = this.#environment(events);
    const globalTasks = plan.globals.map((each) => new GlobalTask(each, environment));
    for (const task of globalTasks) {
      this.globalStores.set(task.store.name, task.store);
      task.open();
    }
    this.#globals = new GlobalReader(settings, globalTasks);
    const meter = this.meters.thread;
    this.#restorer = new Restorer(settings, events.listeners, meter, patience);
    const policy = (nowMs: number, topic: string) => resetTime(this.#resetOf(topic), nowMs);
    this.group = new InstanceGroup({
      settings,
      plan,
      admin: this.#admin,
      directory,
      processId,
      restorer: this.#restorer,
      policy,
      tasks: () => this.tasks,
      loop: () => this.loop,
    });
    this.#reader = this.group.reader;
    this.#committer = isExact
      ? new ExactlyOnceCommitter(this.#reader, this.#output, patience, () => this.#wake.set())
      : new AtLeastOnceCommitter(this.#reader, this.#output, patience);
    const { maxTaskIdleMs: maxIdleMs, idleAdvanceMs: idleMs } = settings;
    const idleAdvanceMs = idleMs < 0 ? Number.POSITIVE_INFINITY : idleMs;
    const pace = { maxIdleMs, idleAdvanceMs, lagOf: (queue: RecordQueue) => this.#lagOf(queue) };
    this.tasks = new TaskSet({ plan, environment, restorer: this.#restorer, pace });
    this.loop = new StreamLoop({
      settings,
      reader: this.#reader,
      tasks: this.tasks,
      restorer: this.#restorer,
      globals: this.#globals,
      output: this.#output,
      committer: this.#committer,
      wake: this.#wake,
      patience,
      meter,
      learnTopics: (partitions) => this.#learnTopics(partitions),
      requireTopics: () => this.#topics.requireAll(),
      onChange: () => events.onChange(),
    });
    this.#measure(events);
    this.#cleaner = this.#newCleaner();
  }

  /** Makes the internal topics, fills the global stores, and joins the group. */
  async open(): Promise<void> {
    const { repartitionPurgeIntervalMs, onError } = this.#settings;
    this.#sampling = unref(
      every(
        SAMPLE_MS,
        () => this.#sample(),
        (thrown) => onError(toKafkaError(thrown)),
      ),
    );
    this.#makesTopics = (await this.group.open()) === 'classic';
    this.#counts = await this.#topics.ensure(this.#makesTopics);
    const counts = this.#counts;
    await this.#globals.fill((topic) => counts.get(topic) ?? 0);
    for (const core of [this.#reader.core, this.#restorer.core, this.#globals.core]) {
      const isOver = () => this.#isClosed || core.isClosed;
      this.#wake.follow(() => core.nextNews(), isOver);
    }
    this.#purge = new RepartitionPurge(
      this.#admin,
      repartitionPurgeIntervalMs,
      counts.repartitionTopics(),
      () => this.#committer.committed.values(),
      (thrown) => onError(toKafkaError(thrown)),
    );
    this.group.join(counts);
  }

  /** Leaves the group and closes all clients, within a time. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    this.#purge?.close();
    this.#cleaner?.close();
    if (this.#sampling !== null) clearInterval(this.#sampling);
    await this.group.close(timeoutMs);
    this.tasks.remove(this.tasks.all());
    this.tasks.standbys.close();
    this.#globals.close();
    this.#restorer.close();
    this.#wake.set();
    await this.#output.close(timeoutMs);
    await this.#admin.close();
    this.#directory?.close();
  }

  /** Whether the group has said which tasks are this instance's. */
  get hasJoined(): boolean {
    return this.loop.hasJoined;
  }

  /** How many tasks a sub-topology has; 0 while that is not known. */
  taskCount(subtopology: number): number {
    const plan = this.#plan.subtopologies.find(({ id }) => id === subtopology);
    return plan === undefined ? 0 : (this.#counts?.taskCount(plan) ?? 0);
  }

  /** The topics that the topology reads by patterns are among them. */
  topicNames(): Iterable<string> {
    return this.#counts?.topics() ?? [];
  }

  /** How many offsets of changelogs are yet to be read before the task runs. */
  remaining(live: LiveTask): number {
    return this.#restorer.remaining(live);
  }

  /** Where partitions of changelogs end, in the same order. */
  endsOf(partitions: readonly TopicPartition[]): Promise<number[]> {
    return this.#restorer.ends(partitions);
  }

  /** The offset that was committed last of a source; -1 where none was. */
  committedOf(at: TopicPartition): number {
    return this.#committer.committed.get(partitionName(at))?.offset ?? -1;
  }

  /** Where a source ends; -1 where that is not known. */
  endOf(at: TopicPartition): number {
    return this.#reader.state(at)?.end(this.#committer.isShared) ?? -1;
  }

  /** Its tasks, as they are measured. */
  metered(): MeteredTask[] {
    const lagOf = (queue: RecordQueue) => {
      const lag = this.#reader.state(queue)?.lag(this.#committer.isShared) ?? -1;
      return lag < 0 ? -1 : lag + queue.size;
    };
    const { standbys } = this.tasks;
    return [
      ...Array.from(this.tasks.all(), (live) => meteredLiveTask(live, this.#restorer, lagOf)),
      ...Array.from(standbys.all(), (live) => meteredStandby(live, standbys.lagOf(live.name))),
    ];
  }

  /** The metrics of its clients, as Kafka Streams tells them with its own. */
  clientMetrics(): MeasuredMetric[] {
    const readers = [this.#reader.core, this.#restorer.core, this.#globals.core];
    return [
      ...readers.flatMap((core) => {
        return new ClientMetrics(core.link.metrics, () => core.metrics.refresh()).list();
      }),
      ...this.#output.producer.metrics.list(),
      ...this.#admin.metrics.list(),
    ];
  }

  /** How many rows were restored from changelogs. */
  get restored(): number {
    return this.#restorer.restored;
  }

  #measure(events: InstanceEvents): void {
    const tasks = () => this.metered();
    const restored = () => this.#restorer.restored;
    const isPaused = () => this.#restorer.isPaused;
    const { consumed, produced } = clientBytes(this.#reader.core, this.#output);
    this.meters.measure({
      consumed,
      produced,
      get state() {
        return events.state().number;
      },
      get hasFailed() {
        return events.state().hasFailed;
      },
      tasks,
      get restored() {
        return restored();
      },
      get isPaused() {
        return isPaused();
      },
    });
  }

  /** Threads share the directory, and whoever started them cleans it. */
  #newCleaner(): StateCleaner | null {
    const directory = this.#directory;
    if (directory === null || this.#settings.thread !== null) return null;
    const isRunning = () => this.hasJoined && !this.tasks.isRestoring;
    return new StateCleaner(directory, this.#settings, isRunning);
  }

  #sample(): void {
    this.meters.sample();
    const missing = this.#missing.waits(this.#reader);
    const parts = { restorer: this.#restorer, globals: this.#globals, output: this.#output };
    this.#stalls.look([...missing, ...instanceWaits({ tasks: this.tasks, ...parts })]);
  }

  get #topics(): InternalTopics {
    return new InternalTopics(this.#admin, this.#plan, this.#settings);
  }

  /** Sources that have grown since may no longer fit to the changelogs, which is an error. */
  async #learnTopics(partitions: readonly TopicPartition[]): Promise<void> {
    const isNew = partitions.some(({ topic, partition }) => {
      return partition >= (this.#counts?.get(topic) ?? 0);
    });
    if (isNew) this.#counts = await this.#topics.ensure(this.#makesTopics);
  }

  #resetOf(topic: string): OffsetReset {
    const { applicationId, consumer } = this.#settings;
    const sources = this.#plan.subtopologies.flatMap(sourcesOf);
    const source = sources.find((each) => readsTopic(each, topic, applicationId));
    const general = consumer.autoOffsetReset ?? 'earliest';
    return source?.reset ?? (general as OffsetReset);
  }

  /** Behind what is fetched there may be more; what is fetched and not taken counts too. */
  #lagOf(queue: RecordQueue): number {
    const state = this.#reader.state(queue);
    if (state === undefined) return -1;
    if (state.hasBuffered) return 1;
    return state.lag(this.#committer.isShared);
  }

  #countOf(topic: string): number {
    const count = this.#counts?.get(topic);
    if (count !== undefined) return count;
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `topic ${topic} is not known`, { topic });
  }

  /** At the level INFO, nothing is paid for what its calls would take. */
  #makeStore(spec: StoreSpec, cache: CacheBudget | undefined): StateStore {
    const { metricsRecordingLevel: level, dslStoreSuppliersClass } = this.#settings;
    const store = makeStore(spec, { cache, storeType: dslStoreSuppliersClass ?? undefined });
    if (level !== 'INFO') measureStore(store, spec.kind, level === 'TRACE');
    return store;
  }

  #environment(events: InstanceEvents): TaskEnvironment {
    const settings = this.#settings;
    const { errorsDeadLetterQueueTopicName: deadLetters, statestoreCacheMaxBytes } = settings;
    const hasCache = statestoreCacheMaxBytes > 0;
    const cache = hasCache ? new CacheBudget(statestoreCacheMaxBytes) : undefined;
    return {
      applicationId: settings.applicationId,
      output: this.#output,
      defaultKey: settings.defaultKeySerde ?? undefined,
      defaultValue: settings.defaultValueSerde ?? undefined,
      defaultExtractor: settings.defaultTimestampExtractor ?? undefined,
      handlers: settings.errorHandlers ?? failingHandlers(deadLetters),
      emitIntervalMs: EMIT_INTERVAL_MS,
      now: () => Date.now(),
      makeStore: (spec) => this.#makeStore(spec, cache),
      globalStores: this.globalStores,
      directoryOf: (task) => this.#directory?.enterTask(task),
      leaveDirectory: (task) => this.#directory?.leaveTask(task),
      wake: () => this.#wake.set(),
      onDropped: (task, node, reason) => {
        this.meters.onDropped(taskIdText(task), node, reason);
        events.onDropped(node, reason);
      },
    };
  }
}

/** As Kafka Streams names its clients, so that the metrics of each can be told apart. */
function withClientId(settings: StreamsSettings, processId: string): StreamsSettings {
  if (settings.clientId !== CLIENT_DEFAULTS.clientId) return settings;
  return { ...settings, clientId: `${settings.applicationId}-${processId}` };
}

function newMeters(settings: StreamsSettings): StreamsMeters {
  const { clientId, metricsNumSamples: samples, metricsSampleWindowMs: windowMs } = settings;
  const windows = { samples, windowMs };
  const { metricsRecordingLevel: level } = settings;
  return new StreamsMeters({ clientId, thread: threadName(settings), windows, level });
}

/** Null where the source says to reset to none. */
function resetTime(reset: OffsetReset, nowMs: number): number | null {
  if (reset === 'earliest') return END.EARLIEST;
  if (reset === 'latest') return END.LATEST;
  return typeof reset === 'object' ? nowMs - reset.agoMs : null;
}
