import { partitionName } from '../../client/topic-partition.ts';
import type { HostTasks } from '../assign/assignment-data.ts';
import { type InstanceFigures, instanceFigures } from '../metrics/instance-figures.ts';
import type { HostedTasks } from '../queries/application-metadata.ts';
import type { AskHost } from '../queries/asker.ts';
import { openView } from '../queries/open-view.ts';
import type { Query, QueryRow } from '../queries/query.ts';
import { QueryCodec, type WireQuery, type WireRow } from '../queries/query-codec.ts';
import type { ServedApplication } from '../queries/query-server.ts';
import { runQuery } from '../queries/run-query.ts';
import type { HostedStore, Position } from '../queries/store-host.ts';
import type { StoreQueryOptions } from '../queries/store-query-options.ts';
import { hostedTasks } from './hosted-tasks.ts';
import type { Instance } from './instance.ts';
import { type DescribedApplication, KnownApplication } from './known-application.ts';
import type { LiveTask } from './live-task.ts';
import type { StreamsState } from './streams-state.ts';

/** What queries are answered from. */
export interface QueriedApplication extends DescribedApplication {
  /** Null before the start. */
  readonly instance: Instance | null;
  metricsText(): string;
}

/** What an instance knows of its application beside its own tasks. */
export interface ApplicationLayout {
  /** Tasks of which it has copies. */
  readonly standbyNames: readonly string[];
  /** As the group told it. */
  readonly hosts: readonly HostTasks[];
  /** By sub-topology; 0 where that is not known yet. */
  readonly taskCounts: ReadonlyMap<number, number>;
  /** The topics that it reads. */
  readonly topics: readonly string[];
}

const ALIVE: readonly StreamsState[] = ['REBALANCING', 'RUNNING', 'PENDING_SHUTDOWN'];

/** The stores of an instance, what its group says of the others, and what it tells by HTTP. */
export class ApplicationQueries extends KnownApplication implements AskHost, ServedApplication {
  readonly #application: QueriedApplication;

  constructor(application: QueriedApplication) {
    super(application);
    this.#application = application;
  }

  override hosted(name: string): readonly HostedStore[] {
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

  here<K, V>(name: string, query: Query<K>, options: StoreQueryOptions): QueryRow<K, V>[] {
    return runQuery<K, V>(openView(this, name, options), query);
  }

  /** The group tells of changes by itself, so what is known is what there is to know. */
  async refreshHosts(): Promise<void> {
    await Promise.resolve();
  }

  /** What the application is made of as far as this instance knows, for other threads to know. */
  layout(): ApplicationLayout {
    const { instance, plan } = this.#application;
    const ids = plan.subtopologies.map(({ id }) => id);
    const counts = ids.map((id) => [id, this.taskCount(id)] as const);
    return {
      standbyNames: Array.from(instance?.tasks.standbys.all() ?? [], ({ name }) => name),
      hosts: instance?.group.hosts ?? [],
      taskCounts: new Map(counts),
      topics: ids.flatMap((id) => this.sourcesOf(id)),
    };
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

  metrics(): string {
    return this.#application.metricsText();
  }

  figures(): unknown {
    const { settings, state } = this.#application;
    const { applicationId } = settings;
    const instances = this.hosts.instances();
    return { applicationId, state, instances, ...this.ownFigures() };
  }

  /** What the page shows of this instance's tasks. */
  ownFigures(): InstanceFigures {
    const { instance } = this.#application;
    if (instance === null) return { nodes: [], tasks: [] };
    return instanceFigures(instance.metered(), instance.meters.dropped);
  }

  protected override hostedTasks(): HostedTasks[] {
    const { instance, host } = this.#application;
    if (instance === null) return [];
    const active = Array.from(instance.tasks.all(), ({ name }) => name);
    const standby = Array.from(instance.tasks.standbys.all(), ({ name }) => name);
    return hostedTasks({ host, active, standby }, instance.group.hosts);
  }

  protected override taskCount(subtopology: number): number {
    return this.#application.instance?.taskCount(subtopology) ?? 0;
  }

  protected override topicNames(): Iterable<string> {
    return this.#application.instance?.topicNames() ?? [];
  }
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
