import { failPoint } from '../../base/fail-point.ts';
import { nextTurn } from '../../base/next-turn.ts';
import { toKafkaError } from '../../client/errors/kafka-error.ts';
import { pause } from '../../client/net/pause.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { ThreadMeter } from '../metrics/thread-meter.ts';
import type { RecordQueue } from '../tasks/record-queue.ts';
import type { Committer } from './committer.ts';
import type { FaultPatience } from './fault-patience.ts';
import { fillTasks } from './fill-tasks.ts';
import { finishCalls } from './finish-calls.ts';
import type { GlobalReader } from './global-reader.ts';
import type { GroupEvents, GroupReader, RawCore } from './group-reader.ts';
import type { LiveTask } from './live-task.ts';
import { mayPass } from './passing-faults.ts';
import type { ProducerOutput } from './producer-output.ts';
import type { Restorer } from './restorer.ts';
import { StopGuard } from './stop-guard.ts';
import type { StreamsSettings } from './streams-options.ts';
import type { TaskSet } from './task-set.ts';
import type { WakeSignal } from './wake-signal.ts';

/** How long the loop works before sockets and timers have their turn. */
const SLICE_MS = 5;
/** How many records of a task are taken before others have their turn. */
const RECORDS_A_TURN = 64;
/** Where records wait for partitions without any, the loop looks so often. */
const IDLE_LOOK_MS = 50;
/**
 * Where a task has written so many rows they are committed, whatever the interval: what stood there
 * before takes memory until then, and to write them down takes a turn.
 */
const OPEN_ROWS_MAX = 1 << 18;
/** For how long the last commit may be tried again. */
const LAST_COMMIT_MS = 5_000;

/** What the loop works with. */
export interface LoopParts {
  readonly settings: StreamsSettings;
  readonly reader: GroupReader;
  readonly tasks: TaskSet;
  readonly restorer: Restorer;
  readonly globals: GlobalReader;
  readonly output: ProducerOutput;
  readonly committer: Committer;
  readonly wake: WakeSignal;
  readonly patience: FaultPatience;
  readonly meter: ThreadMeter;
  /** Before tasks are made: sources may have more partitions now. */
  learnTopics(partitions: readonly TopicPartition[]): Promise<void>;
  /** Throws where an internal topic has gone. */
  requireTopics(): Promise<void>;
  /** Told after each turn in which tasks came, went or began to run. */
  onChange(): void;
}

/** Runs the tasks of an instance: reads, processes, restores, commits. */
export class StreamLoop implements GroupEvents {
  readonly #parts: LoopParts;
  /** Steps that await in the middle come one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** Whether the group has given partitions, be it none, and they may be worked on. */
  #isReady = false;
  readonly #guard: StopGuard;
  #isEnding = false;
  #isPaused = false;
  #isAbandoned = false;
  /** Nothing is committed any more. */
  #hasFailed = false;
  #commitDueMs = 0;
  /** What the group has given, be there tasks now or not. The reader has it a moment later. */
  readonly #given = new Map<string, TopicPartition>();

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#guard = new StopGuard(parts.reader);
  }

  /** Until `end` is called. Throws what ends the application. */
  async run(): Promise<void> {
    const { committer, wake, patience } = this.#parts;
    await patience.retry(() => committer.begin());
    this.#armCommit();
    while (!this.#isEnding) {
      const hasWorked = await this.#alone(() => this.#turnOrRecover());
      if (hasWorked) await nextTurn();
      else await wake.wait(this.#restMs());
    }
    await this.#alone(() => this.#stop());
  }

  /** The loop ends after the turn that it is in. */
  end(): void {
    this.#isEnding = true;
    this.#parts.wake.set();
  }

  /** Waits for no calls any more: the time to close is over. Their records come again. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#parts.wake.set();
  }

  /** Takes no records, and restores nothing, until it is resumed. The group goes on. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#parts.restorer.setPaused(isPaused);
    this.#parts.wake.set();
  }

  get hasJoined(): boolean {
    return this.#isReady;
  }

  /** Whether tasks may run: a group without all of its topics must wait. */
  setReady(isReady: boolean): void {
    this.#isReady = isReady;
    this.#parts.onChange();
    this.#parts.wake.set();
  }

  /** Keeps copies of these tasks, and of no others. */
  async keepCopies(names: ReadonlySet<string>): Promise<void> {
    await this.#alone(() => this.#parts.tasks.standbys.keep(names));
    this.#parts.wake.set();
  }

  async onAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    const startMs = performance.now();
    // It may have to wait for the transaction of a predecessor: the other tasks go on meanwhile.
    const { reader, patience, learnTopics } = this.#parts;
    await patience.retry(() => learnTopics(partitions));
    const committed = await patience.retry(() => reader.committed(partitions));
    await this.#alone(async () => {
      for (const at of partitions) this.#given.set(partitionName(at), at);
      await this.#parts.tasks.add(partitions, committed);
    });
    failPoint?.('streams-assigned');
    this.#parts.meter.assigned.add(performance.now() - startMs);
    this.#parts.onChange();
    this.#parts.wake.set();
  }

  async onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    const startMs = performance.now();
    await this.#alone(async () => {
      const { tasks } = this.#parts;
      const leaving = tasks.reading(partitions);
      if (leaving.length > 0 && !this.#hasFailed) await this.#commitOrRecover(leaving);
      failPoint?.('streams-revoked');
      this.#takeAway(partitions);
    });
    this.#parts.meter.revoked.add(performance.now() - startMs);
    this.#parts.onChange();
  }

  async onLost(partitions: readonly TopicPartition[]): Promise<void> {
    const startMs = performance.now();
    await this.#alone(async () => {
      try {
        if (!this.#hasFailed) await this.#parts.committer.abort();
        this.#takeAway(partitions);
      } catch (thrown) {
        this.#takeAway(partitions);
        await this.#recover(thrown);
      }
    });
    this.#parts.meter.lost.add(performance.now() - startMs);
    this.#parts.onChange();
  }

  #takeAway(partitions: readonly TopicPartition[]): void {
    const { tasks } = this.#parts;
    tasks.remove(tasks.reading(partitions));
    for (const at of partitions) this.#given.delete(partitionName(at));
  }

  /** One step that awaits after the other, so that no commit meets half a rebalance. */
  #alone<T>(step: () => Promise<T>): Promise<T> {
    const work = this.#last.then(step, step);
    this.#last = work;
    return work;
  }

  async #turnOrRecover(): Promise<boolean> {
    try {
      return await this.#turn();
    } catch (thrown) {
      await this.#recover(thrown);
      return true;
    }
  }

  async #turn(): Promise<boolean> {
    const { reader, tasks, restorer, globals, output, meter } = this.#parts;
    for (const { core } of [reader, restorer, globals]) this.#throwLasting(core);
    output.throwFailure();
    let hasWorked = restorer.step();
    if (globals.step()) hasWorked = true;
    if (tasks.startRestored()) {
      hasWorked = true;
      this.#parts.onChange();
    }
    if (this.#guard.isUnheard()) return false;
    const startMs = performance.now();
    const filled = fillTasks(this.#parts);
    const filledMs = performance.now();
    if (filled > 0) {
      hasWorked = true;
      meter.onPolled(filled, filledMs - startMs);
    }
    const before = tasks.processed;
    if (this.#work()) {
      hasWorked = true;
      meter.onProcessed(tasks.processed - before, performance.now() - filledMs);
    }
    if (output.isFull) await this.#waitForRoom();
    if (this.#isCommitDue()) await this.#commit(tasks.all());
    return hasWorked;
  }

  /** What passes by itself is only told. */
  #throwLasting(core: RawCore): void {
    try {
      core.throwFailure();
    } catch (thrown) {
      const error = toKafkaError(thrown);
      if (!error.retriable) throw error;
      this.#parts.settings.onError(error);
    }
  }

  async #waitForRoom(): Promise<void> {
    const startMs = performance.now();
    await this.#parts.output.ready();
    this.#parts.meter.blockedMs += performance.now() - startMs;
  }

  #work(): boolean {
    const { tasks, output } = this.#parts;
    let beforeMs = performance.now();
    const endMs = beforeMs + SLICE_MS;
    let hasWorked = false;
    let goesOn = !this.#isPaused && this.#isReady;
    while (goesOn) {
      goesOn = false;
      const now = Date.now();
      for (const { task, isRunning } of tasks.all()) {
        if (!isRunning || output.isFull) continue;
        if (task.settle()) goesOn = true;
        if (now >= task.nextClockTime && task.punctuateClock()) goesOn = true;
        if (task.advanceIdle(now)) goesOn = true;
        let taken = 0;
        for (; taken < RECORDS_A_TURN && !output.isFull; taken++) {
          if (!task.process(now)) break;
          task.punctuateStreamTime();
        }
        if (taken === 0) continue;
        goesOn = true;
        const afterMs = performance.now();
        task.meter.onTurn(taken, afterMs - beforeMs);
        beforeMs = afterMs;
      }
      if (goesOn) hasWorked = true;
      if (performance.now() >= endMs) break;
    }
    return hasWorked;
  }

  #isCommitDue(): boolean {
    if (performance.now() >= this.#commitDueMs) return true;
    for (const { task, state, isRunning } of this.#parts.tasks.all()) {
      if (task.wantsCommit || (isRunning && state.openRows >= OPEN_ROWS_MAX)) return true;
    }
    return false;
  }

  #armCommit(): void {
    this.#commitDueMs = performance.now() + this.#parts.settings.commitIntervalMs;
  }

  async #commit(lives: Iterable<LiveTask>): Promise<void> {
    const { committer, tasks } = this.#parts;
    const wanted = committer.isShared ? tasks.all() : lives;
    const running = [...wanted].filter(({ isRunning }) => isRunning);
    if (committer.isShared) await this.#finishCalls(running);
    const hasNews = running.some(({ task }) => task.needsCommit);
    const startMs = performance.now();
    await committer.commit(running);
    if (hasNews) this.#parts.meter.onCommitted(performance.now() - startMs);
    this.#armCommit();
  }

  #finishCalls(lives: readonly LiveTask[]): Promise<void> {
    return finishCalls(lives, this.#parts, () => this.#isAbandoned);
  }

  async #commitOrRecover(lives: readonly LiveTask[]): Promise<void> {
    try {
      await this.#commit(lives);
      await this.#parts.committer.settled();
    } catch (thrown) {
      await this.#recover(thrown);
    }
  }

  /**
   * What was not committed is taken back, and tasks begin again from what is committed. Throws what
   * would only come again, and faults that have gone on for too long.
   */
  async #recover(thrown: unknown): Promise<void> {
    const { patience, wake, settings } = this.#parts;
    try {
      for (let fault = thrown; ; ) {
        if (!mayPass(fault)) throw fault;
        settings.onError(toKafkaError(fault));
        await patience.rest(fault);
        try {
          await this.#beginAgain();
          break;
        } catch (again) {
          fault = again;
        }
      }
    } catch (last) {
      this.#hasFailed = true;
      throw last;
    }
    wake.set();
  }

  async #beginAgain(): Promise<void> {
    const { committer, tasks, reader, requireTopics } = this.#parts;
    await committer.abort();
    await requireTopics();
    tasks.remove(tasks.all());
    const given = [...this.#given.values()];
    await tasks.add(given, await reader.committed(given));
    for (const { queues } of tasks.all()) {
      for (const queue of queues) this.#seek(queue);
    }
  }

  #seek(queue: RecordQueue): void {
    const { reader } = this.#parts;
    const state = reader.state(queue);
    if (state === undefined) return;
    if (queue.position >= 0) reader.core.seek(state, queue.position);
    else reader.core.seekToTime(state, reader.resetTime(queue.topic));
  }

  async #stop(): Promise<void> {
    const { tasks, committer } = this.#parts;
    const running = [...tasks.all()].filter(({ isRunning }) => isRunning);
    await this.#finishCalls(running);
    // Half of what a transaction must have together is worth nothing.
    this.#hasFailed = this.#isAbandoned && committer.isShared;
    if (this.#hasFailed) await committer.abort();
    else await this.#commitLast(running);
  }

  /** What the group refuses now, others do again. */
  async #commitLast(running: readonly LiveTask[]): Promise<void> {
    const { committer } = this.#parts;
    const endMs = performance.now() + LAST_COMMIT_MS;
    try {
      await this.#commit(running);
      // A group that is being shared out takes no offsets for a moment.
      while (!this.#isAbandoned && running.some(({ task }) => task.needsCommit)) {
        if (performance.now() > endMs) break;
        await pause(IDLE_LOOK_MS);
        await this.#commit(running);
      }
      await committer.settled();
    } catch (thrown) {
      if (!committer.isShared || !mayPass(thrown)) throw thrown;
      this.#hasFailed = true;
      await committer.abort();
    }
  }

  #restMs(): number {
    const now = Date.now();
    const dueMs = Math.max(this.#commitDueMs - performance.now(), 1);
    let next = now + Math.min(dueMs, this.#guard.restMs);
    for (const { task, isRunning } of this.#parts.tasks.all()) {
      if (!isRunning) continue;
      next = Math.min(next, task.nextClockTime, task.nextSettleTime, now + task.idleLookMs);
      if (task.group.hasRecords) next = Math.min(next, now + IDLE_LOOK_MS);
    }
    return Math.max(next - now, 1);
  }
}
