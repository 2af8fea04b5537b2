import { failPoint } from '../../base/fail-point.ts';
import { OffsetFinder } from '../../client/consumer/offsets/offset-finder.ts';
import { END } from '../../client/consumer/offsets/reset-policy.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { ThreadMeter } from '../metrics/thread-meter.ts';
import { meterOf } from '../tasks/measured-store.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { FaultPatience } from './fault-patience.ts';
import { newPlainCore, type RawCore, type RawState } from './group-reader.ts';
import type { LiveTask } from './live-task.ts';
import type { StoreListeners } from './restore-listener.ts';
import type { Wait } from './stall-watch.ts';
import type { StreamsSettings } from './streams-options.ts';

const SLICE_MS = 5;
const NS_PER_MS = 1e6;
const FIND_ENDS_MS = 60_000;
/** The group waits for the assignment meanwhile. */
const FIND_LAGS_MS = 5_000;

/** A changelog that is read into its store. */
interface Restoration extends TopicPartition {
  readonly store: StateStore;
  readonly owner: LiveTask;
  /** Whether the topic is a source of the task: it is its changelog up to the committed offset. */
  readonly isSource: boolean;
  /** Where it begins: behind what the local state has. */
  start: number;
  /** Where it is over; a copy without a limit has no end. */
  end: number;
  /** How far the store of a copy is; -1 while it begins. */
  at: number;
  /** Read so far. */
  rows: number;
  readonly sinceMs: number;
  /** When it got on last, by `Date.now()`. */
  movedMs: number;
}

/**
 * Reads changelogs into the stores of tasks that are not running yet, and of copies. For a task it
 * is over at the end that the log had when it began, by position: what stands there last may be no
 * record. The end is that of all records, also where only committed ones are read: a transaction
 * whose offsets are committed may not have its markers in the changelog yet, so what is undecided
 * is waited for. A copy follows its changelogs without an end.
 */
export class Restorer {
  readonly core: RawCore;
  /** How many rows were restored since the start. */
  restored = 0;
  #isPaused = false;
  readonly #under = new Map<string, Restoration>();
  readonly #copies = new Map<string, Restoration>();
  readonly #readsCommitted: boolean;
  readonly #listeners: StoreListeners;
  readonly #meter: ThreadMeter;
  readonly #patience: FaultPatience;
  readonly #finder: OffsetFinder;

  constructor(
    settings: StreamsSettings,
    listeners: StoreListeners,
    meter: ThreadMeter,
    patience: FaultPatience,
  ) {
    this.#listeners = listeners;
    this.#meter = meter;
    this.#patience = patience;
    this.core = newPlainCore(settings, () => END.EARLIEST, 'restore-consumer');
    this.#finder = new OffsetFinder(this.core.link, false);
    this.#readsCommitted = settings.processingGuarantee === 'exactly_once_v2';
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** While it is paused, nothing is restored and no copy follows. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    for (const each of this.#under.values()) each.movedMs = Date.now();
  }

  /** Where a source topic is the changelog, it is read up to what the task has committed. */
  async begin(owner: LiveTask, sourceEnd: (at: TopicPartition) => number): Promise<void> {
    await owner.state.opening;
    const wanted = restorationsOf(owner, sourceEnd, END.LATEST);
    if (wanted.length === 0) return;
    await this.#findEnds(owner, wanted);
    const open = wanted.filter(({ start, end }) => start < end);
    this.#open(open, this.#under);
    for (const each of open) {
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

  /** Changelogs that tasks wait for. */
  waits(): Wait[] {
    if (this.#isPaused) return [];
    return Array.from(this.#under, ([name, { owner, end, movedMs: sinceMs }]) => {
      const at = this.core.states.get(name)?.position ?? -1;
      const what = `task ${owner.name} waits for its changelog ${name} to be readable`;
      const cause = 'a transaction on it may be undecided, or its leader away';
      return { sinceMs, what: `${what}, from offset ${at} to ${end}: ${cause}` };
    });
  }

  /** The stores of a copy follow their changelogs, until `end`. */
  async follow(owner: LiveTask): Promise<void> {
    await owner.state.opening;
    // Nothing of a source topic is taken until `setLimits` says what is committed.
    const wanted = restorationsOf(owner, () => 0, Number.POSITIVE_INFINITY);
    await this.#findEnds(owner, wanted);
    this.#open(wanted, this.#copies);
    for (const each of wanted) {
      this.#listeners.standbys.tell((to) => {
        to.onUpdateStart?.(placeOf(each), each.store.name, each.start);
      });
    }
  }

  /** Source topics that copies read as changelogs. */
  limited(): TopicPartition[] {
    return [...this.#copies.values()].filter(({ isSource }) => isSource);
  }

  /** Copies follow source topics up to what the group has committed of them. */
  setLimits(committed: Iterable<TopicPartition & { readonly offset: number }>): void {
    for (const each of committed) {
      const name = partitionName(each);
      const copy = this.#copies.get(name);
      const state = this.core.states.get(name);
      if (copy?.isSource !== true || state === undefined || each.offset <= copy.end) continue;
      copy.end = each.offset;
      this.core.setPaused(state, false);
    }
  }

  /** Where partitions end, in the same order. An assignment waits for it, so it is asked once. */
  ends(partitions: readonly TopicPartition[]): Promise<number[]> {
    return this.#tryFind(partitions, END.LATEST, FIND_LAGS_MS);
  }

  /** How many records of their changelogs the stores of a copy lack; -1 where it is not known. */
  lagOf(owner: LiveTask): number {
    let sum = this.#isFollowed(owner) ? 0 : -1;
    for (const [name, { owner: other, isSource, end }] of this.#copies) {
      const state = this.core.states.get(name);
      if (other !== owner || state === undefined) continue;
      const lag = isSource ? end - state.position : state.lag(this.#readsCommitted);
      if (lag < 0) return -1;
      sum += lag;
    }
    return sum;
  }

  /** Whether stores of the task are still being filled. */
  restores(owner: LiveTask): boolean {
    for (const each of this.#under.values()) if (each.owner === owner) return true;
    return false;
  }

  /** The copy is given up, or becomes the task. */
  unfollow(owner: LiveTask, reason: 'migrated' | 'promoted'): void {
    for (const copy of [...this.#copies.values()].filter((each) => each.owner === owner)) {
      this.#listeners.standbys.tell((to) => {
        to.onUpdateSuspended?.(placeOf(copy), copy.store.name, Math.max(copy.at, 0), reason);
      });
    }
    this.end(owner);
  }

  /** The task is given up. */
  end(owner: LiveTask): void {
    const restoring = [...this.#under.values()].filter((each) => each.owner === owner);
    for (const each of restoring) {
      const { store, rows } = each;
      this.#listeners.restores.tell((to) =>
        to.onRestoreSuspended?.(placeOf(each), store.name, rows),
      );
    }
    for (const map of [this.#under, this.#copies]) {
      const over = [...map.values()].filter((each) => each.owner === owner);
      for (const each of over) map.delete(partitionName(each));
      if (over.length > 0) this.core.remove(over);
    }
  }

  /** Works off what is there, for a slice of time. True where there was something. */
  step(): boolean {
    if (this.#isPaused || (this.#under.size === 0 && this.#copies.size === 0)) return false;
    const startMs = performance.now();
    const endMs = startMs + SLICE_MS;
    // Tasks that shall run come first.
    const hasRestored = this.#stepTasks(startMs, endMs);
    return this.#stepCopies(endMs) || hasRestored;
  }

  close(): void {
    this.core.close();
  }

  #open(restorations: readonly Restoration[], under: Map<string, Restoration>): void {
    for (const each of restorations) under.set(partitionName(each), each);
    this.core.add(restorations);
    for (const each of restorations) {
      const state = this.core.state(each);
      this.core.seek(state, each.start);
      if (each.start >= each.end) this.core.setPaused(state, true);
    }
  }

  #isFollowed(owner: LiveTask): boolean {
    for (const copy of this.#copies.values()) if (copy.owner === owner) return true;
    return false;
  }

  #stepTasks(startMs: number, endMs: number): boolean {
    if (this.#under.size === 0) return false;
    let hasRead = false;
    let checkpointMs = 0;
    for (const [name, restoration] of this.#under) {
      const state = this.core.states.get(name);
      if (state === undefined) continue;
      const before = state.position;
      const rowsBefore = restoration.rows;
      while (performance.now() < endMs && this.#read(state, restoration));
      if (state.position > before) {
        hasRead = true;
        restoration.movedMs = Date.now();
        const offset = Math.min(state.position, restoration.end);
        checkpointMs += this.#checkpoint(restoration, offset);
        this.#tellOf(restoration, offset, restoration.rows - rowsBefore);
        failPoint?.('streams-restoring');
      }
      if (state.position < restoration.end) continue;
      this.#under.delete(name);
      this.core.remove([restoration]);
      hasRead = true;
      const { store, rows, sinceMs } = restoration;
      meterOf(store)?.onCall('restore', (performance.now() - sinceMs) * NS_PER_MS);
      this.#listeners.restores.tell((to) =>
        to.onRestoreEnd?.(placeOf(restoration), store.name, rows),
      );
    }
    if (hasRead) this.#meter.restores.add(performance.now() - startMs - checkpointMs);
    return hasRead;
  }

  /** A copy has no end, so nothing of what was fetched may be lost at its limit. */
  #stepCopies(endMs: number): boolean {
    const startMs = performance.now();
    let hasRead = false;
    let checkpointMs = 0;
    for (const [name, copy] of this.#copies) {
      const state = this.core.states.get(name);
      if (state === undefined || state.position < 0 || performance.now() >= endMs) continue;
      if (copy.at < 0) copy.at = state.position;
      if (copy.at !== state.position) {
        // The changelog is another one now, or has lost what came next.
        this.#beginAgain(copy.owner);
        continue;
      }
      const rowsBefore = copy.rows;
      while (performance.now() < endMs && state.position < copy.end && this.#read(state, copy));
      if (copy.at === state.position) continue;
      hasRead = true;
      if (state.position >= copy.end) {
        this.core.seek(state, copy.end);
        this.core.setPaused(state, true);
      }
      copy.at = state.position;
      checkpointMs += this.#checkpoint(copy, copy.at);
      const rows = copy.rows - rowsBefore;
      const end = state.end(this.#readsCommitted);
      this.#listeners.standbys.tell((to) => {
        to.onBatchLoaded?.(placeOf(copy), copy.store.name, copy.at, rows, end);
      });
    }
    if (hasRead) this.#meter.updates.add(performance.now() - startMs - checkpointMs);
    return hasRead;
  }

  /** What was restored is committed. Returns for how long, in ms. */
  #checkpoint({ owner, store }: Restoration, offset: number): number {
    const startMs = performance.now();
    owner.state.commit(new Map([[store.name, offset]]));
    const tookMs = performance.now() - startMs;
    this.#meter.checkpoints.add(tookMs);
    return tookMs;
  }

  #beginAgain(owner: LiveTask): void {
    owner.state.erase();
    for (const [name, copy] of this.#copies) {
      const state = this.core.states.get(name);
      if (copy.owner !== owner || state === undefined) continue;
      copy.at = -1;
      this.core.seekToTime(state, END.EARLIEST);
      this.core.setPaused(state, false);
    }
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

  #find(partitions: readonly TopicPartition[], time: number): Promise<number[]> {
    return this.#patience.retry(() => this.#tryFind(partitions, time, FIND_ENDS_MS));
  }

  async #tryFind(
    partitions: readonly TopicPartition[],
    time: number,
    timeoutMs: number,
  ): Promise<number[]> {
    const wanted = partitions.map(({ topic, partition }) => ({ topic, partition, time }));
    const found = await this.#finder.find(wanted, timeoutMs);
    const offsets = new Map(found.map((each) => [partitionName(each), each.offset]));
    return wanted.map((each) => offsets.get(partitionName(each)) ?? 0);
  }
}

/** Of all changelogs of the task, from where its stores are; `end` is that of those it writes. */
function restorationsOf(
  owner: LiveTask,
  sourceEnd: (at: TopicPartition) => number,
  end: number,
): Restoration[] {
  const { state, task } = owner;
  const { restored, taskId } = task.stores;
  const sinceMs = performance.now();
  const movedMs = Date.now();
  return restored.map(({ store, topic, isSource }) => {
    const at = { topic, partition: taskId.partition };
    const start = state.offsets.get(store.name) ?? END.EARLIEST;
    const until = isSource ? sourceEnd(at) : end;
    return { ...at, store, owner, isSource, start, end: until, at: -1, rows: 0, sinceMs, movedMs };
  });
}

function placeOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
