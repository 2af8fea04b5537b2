import type { TopicPartition } from '../../client/topic-partition.ts';
import type { StoreSpec } from '../topology/store-spec.ts';
import type { TaskId } from '../topology/task-id.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';

/** Where the topology has a store. */
export interface PlacedStore {
  readonly spec: StoreSpec;
  /** -1 of a global store. */
  readonly subtopology: number;
}

/** Which sub-topology has which stores and sources. */
export class StorePlans {
  readonly #stores = new Map<string, PlacedStore>();
  readonly #sourcesOf: (subtopology: number) => readonly string[];

  /** `sourcesOf`: the topics that a sub-topology reads, by their names on the cluster. */
  constructor(plan: TopologyPlan, sourcesOf: (subtopology: number) => readonly string[]) {
    this.#sourcesOf = sourcesOf;
    for (const { id, stores } of plan.subtopologies) {
      for (const { spec } of stores) this.#stores.set(spec.name, { spec, subtopology: id });
    }
    for (const { store } of plan.globals) {
      this.#stores.set(store.spec.name, { spec: store.spec, subtopology: -1 });
    }
  }

  names(): string[] {
    return [...this.#stores.keys()].toSorted();
  }

  get(name: string): PlacedStore | undefined {
    return this.#stores.get(name);
  }

  /** The names of the stores that the tasks have. */
  namesOf(tasks: readonly TaskId[]): string[] {
    const ids = new Set(tasks.map(({ subtopology }) => subtopology));
    return this.names().filter((name) => ids.has(this.#stores.get(name)!.subtopology));
  }

  /** What the tasks read. */
  partitionsOf(tasks: readonly TaskId[]): TopicPartition[] {
    return tasks.flatMap(({ subtopology, partition }) => {
      return this.#sourcesOf(subtopology).map((topic) => ({ topic, partition }));
    });
  }
}
