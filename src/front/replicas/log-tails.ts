import { ERROR } from '../../base/kafka-errors.ts';
import type { LogTail } from '../../exchange/replica-messages.ts';
import { workerShares } from '../partitions/worker-shares.ts';
import type { FollowedPartition } from './followed-partition.ts';
import { Nap } from './nap.ts';
import type { ReplicaServices } from './replica-services.ts';

/** Where and when a partition is fetched, once its worker has said where its log ends. */
export type OnTail = (partition: FollowedPartition, tail: LogTail, notBeforeMs: number) => void;

interface Question {
  readonly partition: FollowedPartition;
  readonly leaderEpoch: number;
  readonly notBeforeMs: number;
  readonly onTail: OnTail;
}

/**
 * Asks the workers where the logs of followed partitions end. They open those that are not open,
 * which takes its time where there are many: what other commands want comes in between.
 */
export class LogTails {
  readonly #services: Pick<ReplicaServices, 'workers' | 'settings'>;
  readonly #nap = new Nap();
  #questions = new Map<FollowedPartition, Question>();
  #isRunning = false;
  #isClosed = false;

  constructor(services: Pick<ReplicaServices, 'workers' | 'settings'>) {
    this.#services = services;
  }

  /** The promise resolves once nothing is left to ask; at once where somebody asks already. */
  async ask(
    partitions: readonly FollowedPartition[],
    notBeforeMs: number,
    onTail: OnTail,
  ): Promise<void> {
    for (const partition of partitions) {
      const { leaderEpoch } = partition;
      this.#questions.set(partition, { partition, leaderEpoch, notBeforeMs, onTail });
    }
    if (this.#isRunning) {
      this.#nap.wake();
      return;
    }
    this.#isRunning = true;
    try {
      while (this.#questions.size > 0 && !this.#isClosed) {
        if (!(await this.#askAll())) await this.#nap.take(this.#services.settings.backOffMs);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#nap.wake();
  }

  /** False where some must be asked again, after a while. */
  async #askAll(): Promise<boolean> {
    const { workers } = this.#services;
    const asked = new Map([...this.#questions].filter(([{ isOver }]) => !isOver));
    this.#questions.clear();
    const bySlot = new Map([...asked.keys()].map((each) => [each.mirror.slot, each] as const));
    const mirrors = [...asked.keys()].map(({ mirror }) => mirror);
    let isAnswered = true;
    for (const { worker, slots } of workerShares(mirrors, workers.workerCount)) {
      if (this.#isClosed) return true;
      const questions = slots.map((slot) => asked.get(bySlot.get(slot)!)!);
      if (!(await this.#askWorker(worker, questions))) isAnswered = false;
    }
    return isAnswered;
  }

  async #askWorker(worker: number, questions: readonly Question[]): Promise<boolean> {
    const followed = questions.map(({ partition, leaderEpoch }) => {
      return { slot: partition.mirror.slot, leaderEpoch };
    });
    const answer = await this.#services.workers.control(worker, { kind: 'follow', followed });
    const tails = answer.error === ERROR.NONE ? answer.tails : [];
    let isAnswered = true;
    for (const [i, question] of questions.entries()) {
      const { partition, leaderEpoch, notBeforeMs, onTail } = question;
      // An election meanwhile has asked again.
      if (partition.isOver || partition.leaderEpoch !== leaderEpoch) continue;
      const tail = tails[i] ?? null;
      if (tail !== null) {
        onTail(partition, tail, notBeforeMs);
      } else if (!this.#questions.has(partition)) {
        this.#questions.set(partition, question);
        isAnswered = false;
      }
    }
    return isAnswered;
  }
}
