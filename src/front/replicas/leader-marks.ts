import type { ControlCommand } from '../../exchange/control.ts';
import type { LeaderMark } from '../../exchange/replica-messages.ts';
import type { FetchResponsePartitionData } from '../../protocol/schema/01-fetch.ts';
import type { FollowedPartition } from './followed-partition.ts';
import type { ReplicaWorkers } from './replica-services.ts';

/** How far the leader says that logs may be read, and where they begin. */
export class LeaderMarks {
  readonly #workers: ReplicaWorkers;
  #byWorker: LeaderMark[][] = [];
  #raisesStart = false;

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
    const mark = { slot: mirror.slot, leaderEpoch, highWatermark, logStartOffset };
    const marks = this.#byWorker[mirror.worker];
    if (marks === undefined) this.#byWorker[mirror.worker] = [mark];
    else marks.push(mark);
  }

  /**
   * Behind the appends of the same answer. It resolves at once, unless logs begin later now: the
   * leader is told so with the next request.
   */
  async tell(): Promise<void> {
    const byWorker = this.#byWorker;
    const raisesStart = this.#raisesStart;
    this.#byWorker = [];
    this.#raisesStart = false;
    for (const [worker, marks] of byWorker.entries()) {
      if (marks === undefined) continue;
      const command: ControlCommand<'leader-said'> = { kind: 'leader-said', marks };
      if (raisesStart) await this.#workers.control(worker, command);
      else this.#workers.tell(worker, command);
    }
  }
}
