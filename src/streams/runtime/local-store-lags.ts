import type { TopicPartition } from '../../client/topic-partition.ts';
import type { Instance } from './instance.ts';

/** How far a store is behind its changelog: Kafka's LagInfo. */
export interface StoreLag {
  readonly currentOffsetPosition: number;
  readonly endOffsetPosition: number;
  readonly offsetLag: number;
}

/** By store and partition. */
export type StoreLags = ReadonlyMap<string, ReadonlyMap<number, StoreLag>>;

interface LocalStore extends TopicPartition {
  readonly name: string;
  /** Infinity where the task runs: it has all that it wrote. */
  readonly position: number;
}

/** Asks the cluster where the changelogs end. */
export async function localStoreLags(instance: Instance): Promise<StoreLags> {
  const { tasks } = instance;
  const stores = [...tasks.all(), ...tasks.standbys.all()].flatMap((live) => {
    const { restored, taskId } = live.task.stores;
    return restored.map(({ store: { name }, topic }): LocalStore => {
      const known = live.state.offsets.get(name) ?? 0;
      const position = live.isRunning ? Number.POSITIVE_INFINITY : known;
      return { name, topic, partition: taskId.partition, position };
    });
  });
  const ends = await instance.endsOf(stores);
  const lags = new Map<string, Map<number, StoreLag>>();
  for (const [i, each] of stores.entries()) {
    const end = ends[i] ?? 0;
    const currentOffsetPosition = Math.min(each.position, end);
    const offsetLag = end - currentOffsetPosition;
    const ofStore = lags.get(each.name) ?? new Map<number, StoreLag>();
    ofStore.set(each.partition, { currentOffsetPosition, endOffsetPosition: end, offsetLag });
    lags.set(each.name, ofStore);
  }
  return lags;
}
