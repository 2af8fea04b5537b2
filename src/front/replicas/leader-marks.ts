import { unref } from '../../base/unref.ts';
import type { ControlCommand } from '../../exchange/control.ts';
import type { LeaderMark } from '../../exchange/replica-messages.ts';
import type { FetchResponsePartitionData } from '../../protocol/schema/01-fetch.ts';
import type { FollowedPartition } from './followed-partition.ts';
import type { ReplicaWorkers } from './replica-services.ts';

/** Where nobody waits for a high watermark, those of so long are told together. */
const LATE_MS = 10;

/** How far the leader says that logs may be read, and where they begin. */
export class LeaderMarks {
  readonly #workers: ReplicaWorkers;
  /** The latest of each partition that its worker does not know. */
  #byWorker: Map<FollowedPartition, LeaderMark>[] = [];
  #isAwaited = false;
  #raisesStart = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(workers: ReplicaWorkers) {
    this.#workers = workers;
  }

  /** What the worker knows already is left out. */
  add(partition: FollowedPartition, answer: FetchResponsePartitionData): void {
    const { mirror, leaderEpoch } = partition;
    const { highWatermark, logStartOffset } = answer;
    const isStartBehind = logStartOffset > mirror.logStartOffset;
    if (highWatermark === partition.toldHighWatermark && !isStartBehind) return;
    partition.toldHighWatermark = highWatermark;
    if (isStartBehind) this.#raisesStart = true;
    if (mirror.isWatched) this.#isAwaited = true;
    const mark = { slot: mirror.slot, leaderEpoch, highWatermark, logStartOffset };
    this.#byWorker[mirror.worker] ??= new Map();
    this.#byWorker[mirror.worker]!.set(partition, mark);
  }

  /**
   * Behind the appends of the same answer. It resolves at once, unless logs begin later now: the
   * leader is told so with the next request.
   */
  async tell(): Promise<void> {
    if (this.#raisesStart) {
      for (const [worker, command] of this.#take()) await this.#workers.control(worker, command);
    } else if (this.#isAwaited) {
      this.#tellNow();
    } else if (this.#byWorker.length > 0) {
      this.#timer ??= unref(setTimeout(() => this.#tellNow(), LATE_MS));
    }
  }

  #tellNow(): void {
    for (const [worker, command] of this.#take()) this.#workers.tell(worker, command);
  }

  #take(): [worker: number, command: ControlCommand<'leader-said'>][] {
    const byWorker = [...this.#byWorker.entries()];
    this.close();
    return byWorker.flatMap(([worker, marks]) => {
      if (marks === undefined) return [];
      return [[worker, { kind: 'leader-said', marks: [...marks.values()] }]];
    });
  }

  /** What is not told is dropped. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#byWorker = [];
    this.#isAwaited = false;
    this.#raisesStart = false;
  }
}
