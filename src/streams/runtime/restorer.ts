import { END } from '../../client/consumer/offsets/reset-policy.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { ThreadMeter } from '../metrics/thread-meter.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { FaultPatience } from './fault-patience.ts';
import { newPlainCore, type RawCore, type RawState } from './group-reader.ts';
import type { LiveTask } from './live-task.ts';
import type { StoreListeners } from './restore-listener.ts';
import type { StreamsSettings } from './streams-options.ts';

const SLICE_MS = 5;
const FIND_ENDS_MS = 60_000;

/** A changelog that is read into its store. */
interface Restoration extends TopicPartition {
  readonly store: StateStore;
  readonly owner: LiveTask;
  /** Where it begins: behind what the local state has. */
  start: number;
  /** Where it is over. */
  end: number;
  /** Read so far. */
  rows: number;
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
  readonly #listeners: StoreListeners;
  readonly #meter: ThreadMeter;
  readonly #patience: FaultPatience;

  constructor(
    settings: StreamsSettings,
    listeners: StoreListeners,
    meter: ThreadMeter,
    patience: FaultPatience,
  ) {
    this.#listeners = listeners;
    this.#meter = meter;
    this.#patience = patience;
    this.core = newPlainCore(settings, () => END.EARLIEST, 'StreamThread-1-restore-consumer');
  }

  /** Where a source topic is the changelog, it is read up to what the task has committed. */
  async begin(owner: LiveTask, sourceEnd: (at: TopicPartition) => number): Promise<void> {
    const { state, task } = owner;
    const { restored, taskId } = task.stores;
    if (restored.length === 0) return;
    const wanted = restored.map(({ store, topic, isSource }) => {
      const at = { topic, partition: taskId.partition };
      const start = state.offsets.get(store.name) ?? END.EARLIEST;
      const end = isSource ? sourceEnd(at) : END.LATEST;
      return { ...at, store, owner, start, end, rows: 0 };
    });
    await this.#findEnds(owner, wanted);
    const open = wanted.filter(({ start, end }) => start < end);
    for (const each of open) this.#under.set(partitionName(each), each);
    this.core.add(open);
    for (const each of open) {
      this.core.seek(this.core.state(each), each.start);
      const { store, start, end } = each;
      this.#listeners.restores.tell((to) =>
        to.onRestoreStart?.(placeOf(each), store.name, start, end),
      );
    }
  }

  /** How many offsets of changelogs are yet to be read for the task. */
  remaining(owner: LiveTask): number {
    let sum = 0;
    for (const [name, each] of this.#under) {
      if (each.owner !== owner) continue;
      const position = this.core.states.get(name)?.position ?? -1;
      sum += Math.max(each.end - Math.max(position, each.start), 0);
    }
    return sum;
  }

  /** Where partitions end, in the same order. */
  ends(partitions: readonly TopicPartition[]): Promise<number[]> {
    return this.#find(partitions, END.LATEST);
  }

  /** Whether stores of the task are still being filled. */
  restores(owner: LiveTask): boolean {
    for (const each of this.#under.values()) if (each.owner === owner) return true;
    return false;
  }

  /** The task is given up. */
  end(owner: LiveTask): void {
    const over = [...this.#under.values()].filter((each) => each.owner === owner);
    for (const each of over) {
      this.#under.delete(partitionName(each));
      const { store, rows } = each;
      this.#listeners.restores.tell((to) =>
        to.onRestoreSuspended?.(placeOf(each), store.name, rows),
      );
    }
    if (over.length > 0) this.core.remove(over);
  }

  /** Works off what is there, for a slice of time. True where there was something. */
  step(): boolean {
    if (this.#under.size === 0) return false;
    const startMs = performance.now();
    const endMs = startMs + SLICE_MS;
    let hasRead = false;
    for (const [name, restoration] of this.#under) {
      const state = this.core.states.get(name);
      if (state === undefined) continue;
      const before = state.position;
      const rowsBefore = restoration.rows;
      while (performance.now() < endMs && this.#read(state, restoration));
      if (state.position > before) {
        hasRead = true;
        const offset = Math.min(state.position, restoration.end);
        restoration.owner.state.commit(new Map([[restoration.store.name, offset]]));
        this.#tellOf(restoration, offset, restoration.rows - rowsBefore);
      }
      if (state.position < restoration.end) continue;
      this.#under.delete(name);
      this.core.remove([restoration]);
      hasRead = true;
      const { store, rows } = restoration;
      this.#listeners.restores.tell((to) =>
        to.onRestoreEnd?.(placeOf(restoration), store.name, rows),
      );
    }
    if (hasRead) this.#meter.restores.add(performance.now() - startMs);
    return hasRead;
  }

  close(): void {
    this.core.close();
  }

  #tellOf(restoration: Restoration, offset: number, rows: number): void {
    const { store, owner } = restoration;
    owner.restoredRows += rows;
    this.#listeners.restores.tell((to) => {
      to.onBatchRestored?.(placeOf(restoration), store.name, offset, rows);
    });
  }

  #read(state: RawState, restoration: Restoration): boolean {
    const { store, end } = restoration;
    const batch = this.core.takeOf(state);
    if (batch === null) return false;
    for (let i = 0; i < batch.length && batch.offset(i) < end; i++) {
      const key = batch.keyBytes(i);
      if (key === null) continue;
      store.restore(key, batch.valueBytes(i), batch.timestamp(i), batch.headers(i));
      this.restored++;
      restoration.rows++;
    }
    state.handOut(batch.nextOffset, batch.origin.leaderEpoch);
    return true;
  }

  /**
   * Local state is of no use where its changelog is another one, or has lost what comes next: then
   * all of the task's stores begin anew.
   */
  async #findEnds(owner: LiveTask, restorations: readonly Restoration[]): Promise<void> {
    const [firsts, lasts] = await Promise.all([
      this.#find(restorations, END.EARLIEST),
      this.#find(restorations, END.LATEST),
    ]);
    const isLost = restorations.some(({ start }, i) => {
      return start >= 0 && (start < firsts[i]! || start > lasts[i]!);
    });
    if (isLost) owner.state.erase();
    for (const [i, each] of restorations.entries()) {
      if (isLost || each.start < 0) each.start = firsts[i]!;
      if (each.end < 0) each.end = lasts[i]!;
    }
  }

  async #find(partitions: readonly TopicPartition[], time: number): Promise<number[]> {
    const wanted = partitions.map(({ topic, partition }) => ({ topic, partition, time }));
    const finding = () => this.core.finder.find(wanted, FIND_ENDS_MS);
    const found = await this.#patience.retry(finding);
    const offsets = new Map(found.map((each) => [partitionName(each), each.offset]));
    return wanted.map((each) => offsets.get(partitionName(each)) ?? 0);
  }
}

function placeOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
