import { nextTurn } from '../../base/next-turn.ts';
import { END } from '../../client/consumer/offsets/reset-policy.ts';
import { partitionName } from '../../client/topic-partition.ts';
import type { GlobalTask } from '../tasks/global-task.ts';
import { newPlainCore, type RawCore } from './group-reader.ts';
import type { Wait } from './stall-watch.ts';
import type { StreamsSettings } from './streams-options.ts';

const SLICE_MS = 5;
const FIND_END_MS = 60_000;

/** Keeps the global stores: it reads all partitions of their topics, from the beginning. */
export class GlobalReader {
  readonly core: RawCore;
  readonly #tasks: ReadonlyMap<string, GlobalTask>;
  /** While the stores are filled: when they got on last, by `Date.now()`. */
  #movedMs = Number.POSITIVE_INFINITY;

  constructor(settings: StreamsSettings, tasks: readonly GlobalTask[]) {
    this.core = newPlainCore(settings, () => END.EARLIEST, 'global-consumer');
    this.#tasks = new Map(tasks.map((task) => [task.topic, task]));
  }

  /** Resolves once the stores have all that the topics hold now. */
  async fill(countOf: (topic: string) => number): Promise<void> {
    const partitions = Array.from(this.#tasks.keys()).flatMap((topic) => {
      return Array.from({ length: countOf(topic) }, (_, partition) => {
        return { topic, partition };
      });
    });
    if (partitions.length === 0) return;
    this.#movedMs = Date.now();
    this.core.add(partitions);
    const wanted = partitions.map((at) => ({ ...at, time: END.LATEST }));
    const ends = await this.core.finder.find(wanted, FIND_END_MS);
    const isFull = () =>
      ends.every((end) => {
        return (this.core.states.get(partitionName(end))?.position ?? -1) >= end.offset;
      });
    while (!isFull()) {
      if (this.step()) {
        this.#movedMs = Date.now();
        await nextTurn();
      } else await this.core.wait();
    }
    this.#movedMs = Number.POSITIVE_INFINITY;
  }

  /** Global topics that the start waits for. */
  waits(): Wait[] {
    if (this.#movedMs === Number.POSITIVE_INFINITY) return [];
    const topics = [...this.#tasks.keys()].join(', ');
    const what = `the start waits for global topics to be readable: ${topics}`;
    return [{ sinceMs: this.#movedMs, what }];
  }

  /** Works off what is there, for a slice of time. True where there was something. */
  step(): boolean {
    const endMs = performance.now() + SLICE_MS;
    let hasRead = false;
    while (performance.now() < endMs) {
      const taken = this.core.take();
      if (taken === null) break;
      const { state, batch } = taken;
      const task = this.#tasks.get(state.topic)!;
      task.update(state.partition, batch);
      task.flush();
      state.handOut(batch.nextOffset, batch.origin.leaderEpoch);
      hasRead = true;
    }
    return hasRead;
  }

  close(): void {
    this.core.close();
    for (const task of this.#tasks.values()) task.close();
  }
}
