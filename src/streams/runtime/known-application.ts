import type {
  HostedTasks,
  KeyQueryMetadata,
  StreamsMetadata,
} from '../queries/application-metadata.ts';
import type { HostInfo } from '../queries/host-info.ts';
import type { QueryClient } from '../queries/query-client.ts';
import { StoreFinder } from '../queries/store-finder.ts';
import type { HostedStore, KnownStore, StoreHost } from '../queries/store-host.ts';
import { StorePlans } from '../queries/store-plans.ts';
import { TaskHosts } from '../queries/task-hosts.ts';
import { sourceTopicsOf } from '../tasks/partition-counts.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import { newQueryClient } from './new-query-server.ts';
import type { StreamsSettings } from './streams-options.ts';
import type { StreamsState } from './streams-state.ts';

/** What questions to an application are answered from, wherever its tasks live. */
export interface DescribedApplication {
  readonly plan: TopologyPlan;
  readonly settings: StreamsSettings;
  readonly state: StreamsState;
  /** Where this instance answers others; null where it does not. */
  readonly host: HostInfo | null;
}

/** Which stores an application has, and which instance has which of their tasks. */
export abstract class KnownApplication implements StoreHost {
  readonly client: QueryClient;
  readonly plans: StorePlans;
  protected readonly hosts: TaskHosts;
  readonly #application: DescribedApplication;

  constructor(application: DescribedApplication) {
    this.#application = application;
    this.client = newQueryClient(application.settings);
    this.plans = new StorePlans(application.plan, (subtopology) => this.sourcesOf(subtopology));
    this.hosts = new TaskHosts(this.plans, () => this.hostedTasks());
  }

  /** How many tasks a sub-topology has; 0 where that is not known yet. */
  protected abstract taskCount(subtopology: number): number;

  /** The topics that are read here. */
  protected abstract topicNames(): Iterable<string>;

  protected abstract hostedTasks(): HostedTasks[];

  abstract hosted(name: string): readonly HostedStore[];

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
    return { spec, isGlobal, partitions: isGlobal ? 0 : this.taskCount(subtopology) };
  }

  hostOf(name: string, partition: number): HostInfo | null {
    return this.hosts.hostOf(name, partition);
  }

  copiesOf(name: string, partition: number): readonly HostInfo[] {
    return this.hosts.copiesOf(name, partition);
  }

  allMetadata(): StreamsMetadata[] {
    return this.hosts.allMetadata();
  }

  metadataForKey<K>(name: string, key: K): KeyQueryMetadata {
    return this.hosts.metadataForKey(new StoreFinder<K>(this, name, {}), key);
  }

  metadata(): unknown {
    return { applicationId: this.#application.settings.applicationId, hosts: this.allMetadata() };
  }

  protected sourcesOf(subtopology: number): readonly string[] {
    const { plan, settings } = this.#application;
    const found = plan.subtopologies.find(({ id }) => id === subtopology);
    if (found === undefined) return [];
    return sourceTopicsOf(found, settings.applicationId, this.topicNames());
  }
}
