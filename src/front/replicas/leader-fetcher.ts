import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { errorName } from '../../base/kafka-errors.ts';
import { unref } from '../../base/unref.ts';
import type { FetchResponse, FetchResponsePartitionData } from '../../protocol/schema/01-fetch.ts';
import type { FetchedPartition } from '../../replication/fetched-partition.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import { CopyRun } from './copy-run.ts';
import { FollowedPartition } from './followed-partition.ts';
import { LeaderMarks } from './leader-marks.ts';
import { LeaderQuestions } from './leader-questions.ts';
import { LeaderSession } from './leader-session.ts';
import { LogChanges } from './log-changes.ts';
import type { LogTails } from './log-tails.ts';
import { Nap } from './nap.ts';
import { PartitionWarnings } from './partition-warnings.ts';
import type { ReplicaServices } from './replica-services.ts';

/** Beside the wait that a request asks for. */
const ANSWER_MS = 1000;

/**
 * Copies what one broker leads and this node follows, or a share of it. One request is on its way
 * at a time, about all partitions, and the next one leaves when the workers have appended what the
 * last one brought.
 */
export class LeaderFetcher {
  readonly leaderId: number;
  readonly #services: ReplicaServices;
  readonly #tails: LogTails;
  readonly #questions: LeaderQuestions;
  readonly #session: LeaderSession;
  readonly #marks: LeaderMarks;
  readonly #changes: LogChanges;
  readonly #nap = new Nap();
  readonly #warnings: PartitionWarnings;
  /** When the request was sent that has no answer yet. */
  #askedMs: number | null = null;
  #silence: ReturnType<typeof setTimeout> | null = null;
  #isClosed = false;
  #isFailing = false;
  /** The disk took long for what the last answer brought. */
  #isSlow = false;

  constructor(leaderId: number, services: ReplicaServices, tails: LogTails) {
    this.leaderId = leaderId;
    this.#services = services;
    this.#tails = tails;
    this.#questions = new LeaderQuestions(leaderId, services);
    this.#session = new LeaderSession(services.throttle);
    this.#marks = new LeaderMarks(services.workers);
    this.#changes = new LogChanges(this.#questions, services);
    this.#warnings = new PartitionWarnings(services.logger);
  }

  followed(): IterableIterator<FollowedPartition> {
    return this.#session.followed();
  }

  /** The leader was elected for these partitions, in the epochs that the mirrors have. */
  follow(mirrors: readonly PartitionMirror[]): readonly FollowedPartition[] {
    const followed = mirrors.map((mirror) => this.#begin(mirror));
    this.#askTails(followed, Number.NEGATIVE_INFINITY);
    return followed;
  }

  #begin(mirror: PartitionMirror): FollowedPartition {
    const { topicId, index, leaderEpoch } = mirror;
    const known = this.#session.find(topicId, index);
    known?.begin(mirror, leaderEpoch);
    const partition = known ?? new FollowedPartition(mirror, leaderEpoch);
    this.#session.add(partition);
    return partition;
  }

  leave(partition: FollowedPartition): void {
    partition.isLeft = true;
    this.#session.touch(partition);
    this.#silence ??= unref(setTimeout(() => this.#endSilence(), this.#answerLimitMs));
  }

  /**
   * A leader that is left for others may be gone. Where it does not answer and nothing is followed
   * any more, its answer is given up: it would hold up what this leader leads when it is back.
   */
  #endSilence(): void {
    const { peers, clock } = this.#services;
    this.#silence = null;
    const asked = this.#askedMs;
    if (this.#isClosed || asked === null || this.#follows) return;
    const limitMs = this.#answerLimitMs;
    const leftMs = limitMs - (clock.monotonicMs() - asked);
    if (leftMs <= 0) peers.drop(this.leaderId);
    else this.#silence = unref(setTimeout(() => this.#endSilence(), leftMs));
  }

  get #answerLimitMs(): number {
    return this.#services.settings.waitMaxMs + ANSWER_MS;
  }

  get #follows(): boolean {
    for (const { isLeft, mirror } of this.#session.followed()) {
      if (!isLeft && !mirror.removed) return true;
    }
    return false;
  }

  #askTails(partitions: readonly FollowedPartition[], notBeforeMs: number): void {
    const asked = this.#tails.ask(partitions, notBeforeMs, (partition, tail, fromMs) => {
      partition.startAt(tail.logEndOffset, tail.latestEpoch, fromMs);
      this.#session.touch(partition);
      this.#nap.wake();
    });
    inBackground(asked, (thrown) => {
      for (const { name } of partitions) this.#warnings.add(reasonOf(thrown), name);
      this.#nap.wake();
    });
  }

  close(): void {
    this.#isClosed = true;
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#marks.close();
    this.#nap.wake();
  }

  /** Resolves once it is closed and the workers have answered. */
  async run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        if (await this.#step()) continue;
      } catch (thrown) {
        this.#fail(reasonOf(thrown));
      }
      if (!this.#isClosed) await this.#nap.take(this.#services.settings.backOffMs);
    }
  }

  /** One request. False where the next one should wait a little. */
  async #step(): Promise<boolean> {
    const nowMs = this.#services.clock.monotonicMs();
    this.#warnings.tell(nowMs);
    const request = this.#session.request(nowMs);
    if (request === null) {
      await this.#nap.take(this.#session.idleMs(nowMs));
      return true;
    }
    this.#askedMs = nowMs;
    const answer = await this.#questions.fetch(request);
    this.#askedMs = null;
    if (this.#isClosed) return true;
    const verdict = this.#session.answered(answer);
    if (verdict === 'back-off') this.#fail(errorName(answer.errorCode));
    if (verdict !== 'take') return verdict === 'ask-again';
    this.#succeed();
    await this.#take(answer);
    return true;
  }

  async #take({ responses }: FetchResponse): Promise<void> {
    const run = new CopyRun(
      this.#services,
      this.#nap,
      (partition) => this.#session.touch(partition),
      (partition, error) => this.#refused(partition, errorName(error)),
      this.#isSlow,
    );
    try {
      for (const { topicId, partitions } of responses) {
        for (const data of partitions) {
          const partition = this.#session.find(topicId, data.partitionIndex);
          if (partition !== undefined) await this.#takePartition(partition, data, run);
        }
      }
      await run.handKept();
      await this.#marks.tell();
    } finally {
      await run.finish();
      this.#isSlow = run.isSlow;
    }
  }

  async #takePartition(
    partition: FollowedPartition,
    data: FetchResponsePartitionData,
    run: CopyRun,
  ): Promise<void> {
    const { fetched, askedOffset, askedEpoch } = partition;
    if (fetched === null || partition.isOver) {
      // It leaves the session, or the leader would send the same again at once.
      this.#session.touch(partition);
      return;
    }
    const { errorCode, divergingEpoch, records } = data;
    const said = { errorCode, divergingEpoch: divergingEpoch.epoch };
    switch (fetched.answered(askedOffset, askedEpoch, said)) {
      case 'ignore':
        return;
      case 'append':
        if (records !== null && records.length > 0 && !(await run.add(partition, fetched, records)))
          this.#refused(partition, 'no whole batch');
        if (partition.fetched === fetched) this.#marks.add(partition, data);
        return;
      case 'truncate':
        this.#change(partition, this.#changes.cut(partition, fetched, divergingEpoch));
        return;
      case 'ask-bounds':
        this.#change(partition, this.#changes.place(partition, fetched));
        return;
      case 'back-off':
        this.#backOff(partition, fetched, errorName(errorCode));
        return;
      case 'await-metadata':
        this.#session.touch(partition);
    }
  }

  /** It is not asked about while its log changes. */
  #change(partition: FollowedPartition, work: Promise<void>): void {
    const { fetched } = partition;
    this.#session.touch(partition);
    const done = work.then(() => this.#nap.wake());
    inBackground(done, (thrown) => {
      if (partition.fetched === fetched) this.#backOff(partition, fetched!, reasonOf(thrown));
      this.#nap.wake();
    });
  }

  #backOff(partition: FollowedPartition, fetched: FetchedPartition, reason: string): void {
    const { clock, settings } = this.#services;
    fetched.waitsUntilMs = clock.monotonicMs() + settings.backOffMs;
    this.#session.touch(partition);
    this.#warnings.add(`leader ${this.leaderId} is asked again: ${reason}`, partition.name);
  }

  /** The log is not what the answer counted on, so it is asked where it ends. */
  #refused(partition: FollowedPartition, reason: string): void {
    const { clock, settings } = this.#services;
    partition.fetched = null;
    this.#session.touch(partition);
    this.#warnings.add(`what leader ${this.leaderId} has is not taken: ${reason}`, partition.name);
    this.#askTails([partition], clock.monotonicMs() + settings.backOffMs);
  }

  /** The first failure in a row is one line, and what ends it is another. */
  #fail(reason: string): void {
    this.#session.lost();
    this.#askedMs = null;
    if (this.#isClosed || this.#isFailing || !this.#follows) return;
    this.#isFailing = true;
    this.#services.logger.warn(`broker ${this.leaderId} cannot be followed: ${reason}`);
  }

  #succeed(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#services.logger.info(`broker ${this.leaderId} is followed again`);
  }
}
