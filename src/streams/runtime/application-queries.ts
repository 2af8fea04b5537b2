import { partitionName } from '../../client/topic-partition.ts';
import { instanceFigures } from '../metrics/instance-figures.ts';
import type {
  HostedTasks,
  KeyQueryMetadata,
  StreamsMetadata,
} from '../queries/application-metadata.ts';
import type { AskHost } from '../queries/asker.ts';
import { type HostInfo, hostText, parseHostInfo } from '../queries/host-info.ts';
import { openView } from '../queries/open-view.ts';
import { QueryClient } from '../queries/query-client.ts';
import { QueryCodec, type WireQuery, type WireRow } from '../queries/query-codec.ts';
import type { ServedApplication } from '../queries/query-server.ts';
import { runQuery } from '../queries/run-query.ts';
import { StoreFinder } from '../queries/store-finder.ts';
import type { HostedStore, KnownStore, Position } from '../queries/store-host.ts';
import { StorePlans } from '../queries/store-plans.ts';
import { sourceTopicsOf } from '../tasks/partition-counts.ts';
import { parseTaskId, type TaskId } from '../topology/task-id.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { Instance } from './instance.ts';
import type { LiveTask } from './live-task.ts';
import type { StreamsSettings } from './streams-options.ts';
import type { StreamsState } from './streams-state.ts';

/** What queries are answered from. */
export interface QueriedApplication {
  readonly plan: TopologyPlan;
  readonly settings: StreamsSettings;
  readonly state: StreamsState;
  /** Null before the start. */
  readonly instance: Instance | null;
  /** Where this instance answers others; null where it does not. */
  readonly host: HostInfo | null;
  metricsText(): string;
}

const ALIVE: readonly StreamsState[] = ['REBALANCING', 'RUNNING', 'PENDING_SHUTDOWN'];

/** The stores of an instance, what its group says of the others, and what it tells by HTTP. */
export class ApplicationQueries implements AskHost, ServedApplication {
  readonly client: QueryClient;
  readonly plans: StorePlans;
  readonly #application: QueriedApplication;

  constructor(application: QueriedApplication) {
    const { plan, settings } = application;
    this.#application = application;
    this.client = new QueryClient(settings.applicationServerToken);
    this.plans = new StorePlans(plan, (subtopology) => this.#sourcesOf(subtopology));
  }

  get state(): StreamsState {
    return this.#application.state;
  }

  storeNames(): readonly string[] {
    return this.plans.names();
  }

  known(name: string): KnownStore | undefined {
    const placed = this.plans.get(name);
    if (placed === undefined) return undefined;
    const { spec, subtopology } = placed;
    const isGlobal = subtopology < 0;
    const partitions = isGlobal ? 0 : (this.#application.instance?.taskCount(subtopology) ?? 0);
    return { spec, isGlobal, partitions };
  }

  hosted(name: string): readonly HostedStore[] {
    const { instance } = this.#application;
    if (instance === null || !ALIVE.includes(this.state)) return [];
    const global = instance.globalStores.get(name);
    if (global !== undefined) {
      return [{ store: global, partition: -1, role: 'global', lag: 0, position: () => null }];
    }
    const active = Array.from(instance.tasks.all(), (live): HostedStore[] => {
      const role = live.isRunning ? 'active' : 'restoring';
      const lag = live.isRunning ? 0 : instance.remaining(live);
      return hostedIn(live, name, role, lag);
    });
    const { standbys } = instance.tasks;
    const copies = Array.from(standbys.all(), (live): HostedStore[] => {
      return hostedIn(live, name, 'standby', standbys.lagOf(live.name));
    });
    return [...active, ...copies].flat();
  }

  hostOf(name: string, partition: number): HostInfo | null {
    const task = this.#taskOf(name, partition);
    const found = this.#hosts().find(({ active }) => hasTask(active, task));
    return found?.isThis === true ? null : (found?.host ?? null);
  }

  copiesOf(name: string, partition: number): readonly HostInfo[] {
    const task = this.#taskOf(name, partition);
    return this.#hosts().flatMap(({ standby, host, isThis }) => {
      return !isThis && host !== null && hasTask(standby, task) ? [host] : [];
    });
  }

  /** The group tells of changes by itself, so what is known is what there is to know. */
  async refreshHosts(): Promise<void> {
    await Promise.resolve();
  }

  allMetadata(): StreamsMetadata[] {
    return this.#hosts().map(({ host, isThis, active, standby }) => ({
      hostInfo: host,
      isThis,
      stateStoreNames: this.plans.namesOf(active),
      topicPartitions: this.plans.partitionsOf(active),
      standbyStateStoreNames: this.plans.namesOf(standby),
      standbyTopicPartitions: this.plans.partitionsOf(standby),
    }));
  }

  metadataForKey<K>(name: string, key: K): KeyQueryMetadata {
    const finder = new StoreFinder<K>(this, name, {});
    const partition = finder.isGlobal ? -1 : finder.partitionOf(key);
    const task = this.#taskOf(name, partition);
    const hosts = this.#hosts();
    const active = hosts.find((each) => finder.isGlobal || hasTask(each.active, task));
    const standbyHosts = hosts.flatMap(({ standby, host }) => {
      return host !== null && hasTask(standby, task) ? [host] : [];
    });
    return { activeHost: active?.host ?? null, standbyHosts, partition };
  }

  answer(wire: WireQuery): readonly WireRow[] {
    const { store, partitions, maxLag, position } = wire;
    const options = {
      partitions: partitions ?? undefined,
      maxLag: maxLag ?? undefined,
      position: position ?? undefined,
    };
    const view = openView(this, store, options);
    const codec = new QueryCodec(this.plans.get(store)!.spec);
    return codec.encodeRows(runQuery(view, codec.decode(wire)));
  }

  metadata(): unknown {
    return { applicationId: this.#application.settings.applicationId, hosts: this.allMetadata() };
  }

  metrics(): string {
    return this.#application.metricsText();
  }

  figures(): unknown {
    const { settings, instance, state } = this.#application;
    const instances = this.#hosts().map(({ host, isThis }) => {
      return { host: host === null ? null : hostText(host), isThis };
    });
    const shown =
      instance === null
        ? { nodes: [], tasks: [] }
        : instanceFigures(instance.metered(), instance.meters.dropped);
    return { applicationId: settings.applicationId, state, instances, ...shown };
  }

  /** This instance knows itself better than the group does. */
  #hosts(): HostedTasks[] {
    const { instance, host } = this.#application;
    if (instance === null) return [];
    const active = Array.from(instance.tasks.all(), ({ task }) => task.taskId);
    const standby = Array.from(instance.tasks.standbys.all(), ({ task }) => task.taskId);
    const own = host === null ? null : hostText(host);
    const others = instance.group.hosts.filter(({ endpoint }) => endpoint !== own);
    const told = others.map((each): HostedTasks => {
      return {
        host: parseHostInfo(each.endpoint, 'applicationServer'),
        isThis: false,
        active: taskIds(each.active),
        standby: taskIds(each.standby),
      };
    });
    return [{ host, isThis: true, active, standby }, ...told];
  }

  /** The task that has a partition of a store. */
  #taskOf(name: string, partition: number): TaskId {
    return { subtopology: this.plans.get(name)?.subtopology ?? -1, partition };
  }

  #sourcesOf(subtopology: number): readonly string[] {
    const { plan, settings, instance } = this.#application;
    const found = plan.subtopologies.find(({ id }) => id === subtopology);
    if (found === undefined) return [];
    return sourceTopicsOf(found, settings.applicationId, instance?.topicNames() ?? []);
  }
}

function taskIds(names: readonly string[]): TaskId[] {
  return names.map(parseTaskId).filter((id) => id !== undefined);
}

function hasTask(tasks: readonly TaskId[], { subtopology, partition }: TaskId): boolean {
  return tasks.some((each) => each.subtopology === subtopology && each.partition === partition);
}

function hostedIn(
  { task, queues }: LiveTask,
  name: string,
  role: HostedStore['role'],
  lag: number,
): HostedStore[] {
  const store = task.stores.get(name);
  if (store === undefined) return [];
  const position = (): Position => {
    return Object.fromEntries(queues.map((queue) => [partitionName(queue), queue.position]));
  };
  const { partition } = task.taskId;
  return [{ store, partition, role, lag, position: role === 'active' ? position : () => null }];
}
