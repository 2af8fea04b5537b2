import { reasonOf } from '../../base/errors.ts';
import { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { StateStore, StoreContext } from '../topology/state-store.ts';
import { type TaskId, taskIdText } from '../topology/task-id.ts';
import { fullTopicName, type NodePlan, type StorePlan } from '../topology/topology-plan.ts';
import type { RecordInHand } from './record-in-hand.ts';
import { StreamsError } from './streams-error.ts';
import type { TaskEnvironment } from './task-environment.ts';

/** Where the rows of a store are restored from. */
export interface RestoredStore {
  readonly store: StateStore;
  readonly topic: string;
  /** Whether it is a source topic of the task, so that it ends at the committed offset. */
  readonly isSource: boolean;
}

/** The task, as its stores see it. */
export interface StoresHost {
  readonly streamTime: number;
  requestCommit(): void;
}

/** The stores of a task, and who may use which. */
export class TaskStores implements StoreContext {
  readonly taskId: TaskId;
  readonly applicationId: string;
  readonly directory: string | undefined;
  readonly restored: readonly RestoredStore[];
  readonly #environment: TaskEnvironment;
  readonly #hand: RecordInHand;
  readonly #host: StoresHost;
  readonly #stores = new Map<string, StateStore>();
  /** By store; without an entry nothing is written. */
  readonly #changelogs = new Map<string, string>();
  readonly #users = new Map<string, ReadonlySet<string>>();

  constructor(
    taskId: TaskId,
    plans: readonly StorePlan[],
    nodes: readonly NodePlan[],
    environment: TaskEnvironment,
    hand: RecordInHand,
    host: StoresHost,
  ) {
    this.taskId = taskId;
    this.applicationId = environment.applicationId;
    this.directory = environment.directoryOf(taskId);
    this.#environment = environment;
    this.#hand = hand;
    this.#host = host;
    const restored: RestoredStore[] = [];
    for (const { spec, changelog } of plans) {
      const store = environment.makeStore(spec);
      this.#stores.set(spec.name, store);
      if (changelog === undefined) continue;
      const topic = fullTopicName(changelog, environment.applicationId);
      restored.push({ store, topic, isSource: !changelog.internal });
      if (changelog.internal) this.#changelogs.set(spec.name, topic);
    }
    this.restored = restored;
    for (const node of nodes) {
      if (node.kind === 'processor') this.#users.set(node.name, new Set(node.stores));
    }
  }

  get streamTime(): number {
    return this.#host.streamTime;
  }

  requestCommit(): void {
    this.#host.requestCommit();
  }

  get timestamp(): number {
    return this.#hand.timestamp;
  }

  get headers(): RecordHeaders {
    return this.#hand.headers;
  }

  get topic(): string {
    return this.#hand.topic;
  }

  get partition(): number {
    return this.#hand.partition;
  }

  get offset(): number {
    return this.#hand.offset;
  }

  atOrigin(topic: string, partition: number, offset: number, run: () => void): void {
    const hand = this.#hand;
    const { topic: topicBefore, partition: partitionBefore, offset: offsetBefore } = hand;
    hand.topic = topic;
    hand.partition = partition;
    hand.offset = offset;
    try {
      run();
    } finally {
      hand.topic = topicBefore;
      hand.partition = partitionBefore;
      hand.offset = offsetBefore;
    }
  }

  systemTime(): number {
    return this.#environment.now();
  }

  changelogTopic(store: string): string {
    return this.#changelogs.get(store) ?? `${this.applicationId}-${store}-changelog`;
  }

  log(
    store: string,
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: RecordHeaders = RecordHeaders.NONE,
  ): void {
    const topic = this.#changelogs.get(store);
    if (topic === undefined) return;
    const { partition } = this.taskId;
    try {
      this.#environment.output.send(topic, partition, key, value, timestamp, headers);
    } catch (thrown) {
      // No handler may go on: the store has what its changelog has not.
      const what = `store ${store} cannot write to its changelog ${topic}: ${reasonOf(thrown)}`;
      throw new StreamsError(what, { task: taskIdText(this.taskId), topic, partition }, thrown);
    }
  }

  /** By name, for those outside the topology. */
  get(name: string): StateStore | undefined {
    return this.#stores.get(name);
  }

  all(): IterableIterator<StateStore> {
    return this.#stores.values();
  }

  names(): IterableIterator<string> {
    return this.#stores.keys();
  }

  storeFor(node: string, name: string): StateStore {
    const global = this.#environment.globalStores.get(name);
    if (global !== undefined) return global;
    const store = this.#users.get(node)?.has(name) === true ? this.#stores.get(name) : undefined;
    if (store !== undefined) return store;
    const what = `processor ${node} has no access to store ${name}: it is not connected to it`;
    throw new StreamsError(what, { task: taskIdText(this.taskId), node });
  }

  open(): void {
    for (const store of this.#stores.values()) store.open(this);
  }

  flush(): void {
    for (const store of this.#stores.values()) store.flush();
  }

  close(): void {
    for (const store of this.#stores.values()) store.close();
  }
}
