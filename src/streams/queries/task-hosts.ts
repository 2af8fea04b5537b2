import type { TaskId } from '../topology/task-id.ts';
import type { HostedTasks, KeyQueryMetadata, StreamsMetadata } from './application-metadata.ts';
import { type HostInfo, hostText } from './host-info.ts';
import type { StoreFinder } from './store-finder.ts';
import type { StorePlans } from './store-plans.ts';

/** Which instance of an application has which tasks, as its group told this one. */
export class TaskHosts {
  readonly #plans: StorePlans;
  readonly #hosts: () => readonly HostedTasks[];

  /** `hosts`: what is known now, with this instance. */
  constructor(plans: StorePlans, hosts: () => readonly HostedTasks[]) {
    this.#plans = plans;
    this.#hosts = hosts;
  }

  /** The other instance that runs the task; null where it is this one, or not known. */
  hostOf(name: string, partition: number): HostInfo | null {
    const task = this.#taskOf(name, partition);
    const found = this.#hosts().find(({ active }) => hasTask(active, task));
    return found?.isThis === true ? null : (found?.host ?? null);
  }

  /** Other instances that have copies of the task. */
  copiesOf(name: string, partition: number): HostInfo[] {
    const task = this.#taskOf(name, partition);
    return this.#hosts().flatMap(({ standby, host, isThis }) => {
      return !isThis && host !== null && hasTask(standby, task) ? [host] : [];
    });
  }

  allMetadata(): StreamsMetadata[] {
    return this.#hosts().map(({ host, isThis, active, standby }) => ({
      hostInfo: host,
      isThis,
      stateStoreNames: this.#plans.namesOf(active),
      topicPartitions: this.#plans.partitionsOf(active),
      standbyStateStoreNames: this.#plans.namesOf(standby),
      standbyTopicPartitions: this.#plans.partitionsOf(standby),
    }));
  }

  /** What the page shows of them. */
  instances(): { readonly host: string | null; readonly isThis: boolean }[] {
    return this.#hosts().map(({ host, isThis }) => {
      return { host: host === null ? null : hostText(host), isThis };
    });
  }

  /** Where a key is of the store that `finder` finds. */
  metadataForKey<K>(finder: StoreFinder<K>, key: K): KeyQueryMetadata {
    const partition = finder.isGlobal ? -1 : finder.partitionOf(key);
    const task = this.#taskOf(finder.name, partition);
    const hosts = this.#hosts();
    const active = hosts.find((each) => finder.isGlobal || hasTask(each.active, task));
    const standbyHosts = hosts.flatMap(({ standby, host }) => {
      return host !== null && hasTask(standby, task) ? [host] : [];
    });
    return { activeHost: active?.host ?? null, standbyHosts, partition };
  }

  /** The task that has a partition of a store. */
  #taskOf(name: string, partition: number): TaskId {
    return { subtopology: this.#plans.get(name)?.subtopology ?? -1, partition };
  }
}

function hasTask(tasks: readonly TaskId[], { subtopology, partition }: TaskId): boolean {
  return tasks.some((each) => each.subtopology === subtopology && each.partition === partition);
}
