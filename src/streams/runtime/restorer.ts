import { END } from '../../client/consumer/offsets/reset-policy.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { RestoredStore } from '../tasks/task-stores.ts';
import type { StateStore } from '../topology/state-store.ts';
import { newPlainCore, type RawCore, type RawState } from './group-reader.ts';
import type { LiveTask } from './live-task.ts';
import type { StreamsSettings } from './streams-options.ts';

const SLICE_MS = 5;
const FIND_END_MS = 60_000;

/** A changelog that is read into its store. */
interface Restoration extends TopicPartition {
  readonly store: StateStore;
  readonly owner: LiveTask;
  /** Where it is over; -1 while that is not known. */
  end: number;
}

/**
 * Reads changelogs into the stores of tasks that are not running yet. It is over at the end that
 * the log had when it began, by position: what stands there last may be no record.
 */
export class Restorer {
  readonly core: RawCore;
  /** How many rows were restored since the start. */
  restored = 0;
  readonly #under = new Map<string, Restoration>();

  constructor(settings: StreamsSettings) {
    this.core = newPlainCore(settings, () => END.EARLIEST);
  }

  /** Where a source topic is the changelog, it is read up to what the task has committed. */
  async begin(owner: LiveTask, sourceEnd: (at: TopicPartition) => number): Promise<void> {
    const { restored, taskId } = owner.task.stores;
    const { partition } = taskId;
    const wanted = restored.map(({ store, topic, isSource }: RestoredStore): Restoration => {
      const at = { topic, partition };
      return { ...at, store, owner, end: isSource ? Math.max(sourceEnd(at), 0) : -1 };
    });
    await this.#findEnds(wanted.filter(({ end }) => end < 0));
    const open = wanted.filter(({ end }) => end > 0);
    for (const each of open) this.#under.set(partitionName(each), each);
    this.core.add(open);
  }

  /** Whether stores of the task are still being filled. */
  restores(owner: LiveTask): boolean {
    for (const each of this.#under.values()) if (each.owner === owner) return true;
    return false;
  }

  /** The task is given up. */
  end(owner: LiveTask): void {
    const over = [...this.#under.values()].filter((each) => each.owner === owner);
    for (const each of over) this.#under.delete(partitionName(each));
    if (over.length > 0) this.core.remove(over);
  }

  /** Works off what is there, for a slice of time. True where there was something. */
  step(): boolean {
    if (this.#under.size === 0) return false;
    const endMs = performance.now() + SLICE_MS;
    let hasRead = false;
    for (const [name, restoration] of this.#under) {
      const state = this.core.states.get(name);
      if (state === undefined) continue;
      while (performance.now() < endMs && this.#read(state, restoration)) hasRead = true;
      if (state.position < restoration.end) continue;
      this.#under.delete(name);
      this.core.remove([restoration]);
      hasRead = true;
    }
    return hasRead;
  }

  close(): void {
    this.core.close();
  }

  #read(state: RawState, { store, end }: Restoration): boolean {
    const batch = this.core.takeOf(state);
    if (batch === null) return false;
    for (let i = 0; i < batch.length && batch.offset(i) < end; i++) {
      const key = batch.keyBytes(i);
      if (key === null) continue;
      store.restore(key, batch.valueBytes(i), batch.timestamp(i), batch.headers(i));
      this.restored++;
    }
    state.handOut(batch.nextOffset, batch.origin.leaderEpoch);
    return true;
  }

  async #findEnds(restorations: readonly Restoration[]): Promise<void> {
    if (restorations.length === 0) return;
    const wanted = restorations.map(({ topic, partition }) => {
      return { topic, partition, time: END.LATEST };
    });
    this.core.link.metadata.want(wanted.map(({ topic }) => topic));
    const found = await this.core.finder.find(wanted, FIND_END_MS);
    const ends = new Map(found.map((each) => [partitionName(each), each.offset]));
    for (const each of restorations) each.end = ends.get(partitionName(each)) ?? 0;
  }
}
