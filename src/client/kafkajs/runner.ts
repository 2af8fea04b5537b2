import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { PartitionState } from '../consumer/fetch/partition-state.ts';
import type { RecordBatch } from '../consumer/records/record-batch.ts';
import type { NullableBytes } from '../consumer/records/record-readers.ts';
import { pause } from '../net/pause.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { FacadeBatch } from './batch.ts';
import type { ConsumerRunConfig } from './consumer-types.ts';
import { KafkaJSError } from './errors.ts';
import { CONSUMER_EVENTS } from './events.ts';
import { GroupSession, type SessionParts } from './group-session.ts';
import { facadeError, isRebalancing, protocolError } from './protocol-error.ts';
import { Attempts } from './retry.ts';
import type { RetryOptions } from './types.ts';

type State = PartitionState<NullableBytes, NullableBytes>;

interface Work {
  readonly state: State;
  readonly batch: FacadeBatch;
  /** Of the state when the batch was taken: a seek since makes the rest of it void. */
  readonly turn: number;
  readonly firstOffset: number;
}

export interface RunnerParts extends SessionParts {
  readonly config: ConsumerRunConfig;
  readonly retry: RetryOptions;
  /** Called once; the run is over and the consumer decides whether it starts again. */
  readonly onCrash: (error: Error) => void;
}

/** Gives the batches of a session to the handlers, so many partitions at once as is allowed. */
export class Runner {
  readonly session: GroupSession;
  readonly #parts: RunnerParts;
  readonly #busy = new Map<string, Promise<void>>();
  readonly #ending = new AbortController();
  #workers: Promise<unknown> = Promise.resolve();
  #isRunning = true;
  #turn = 0;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.session = new GroupSession(parts, {
      onGiveUp: (partitions) => this.#onGiveUp(partitions),
      onError: (error) => this.#crash(error),
    });
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Resolves with the first assignment, or once the run is over. */
  async start(): Promise<void> {
    const { partitionsConsumedConcurrently = 1 } = this.#parts.config;
    const lanes = Array.from({ length: Math.max(partitionsConsumedConcurrently, 1) }, () => {
      return inBackground(this.#loop(), (thrown) => this.#crash(facadeError(thrown)));
    });
    this.#workers = Promise.all(lanes);
    const { signal } = this.#ending;
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.session.joined, ended]);
  }

  /** Ends after what the handlers work on now, commits, and leaves the group. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#ending.abort();
    this.session.core.wake();
    await this.#workers;
    const { groupId } = this.session;
    const say = (thrown: unknown) => {
      const { message } = facadeError(thrown);
      this.#parts.logger.debug(`While the consumer stopped: ${message}`, { groupId });
    };
    await inBackground(this.session.offsets.autoCommit(), say);
    await inBackground(this.session.close(), say);
    this.session.core.close();
  }

  async #loop(): Promise<void> {
    const { core } = this.session;
    let attempts = new Attempts(this.#parts.retry);
    while (this.#isRunning) {
      let work: Work | null = null;
      try {
        core.throwFailure();
        work = this.#take();
        if (work === null) {
          await this.session.offsets.autoCommitIfNecessary();
          work = this.#take();
        }
        if (work === null) {
          await core.wait(this.#ending.signal);
          continue;
        }
        await this.#handle(work);
        attempts = new Attempts(this.#parts.retry);
      } catch (thrown) {
        await this.#recover(thrown, work, attempts);
      }
    }
  }

  /** All that is buffered of the next partition that nobody works on. */
  #take(): Work | null {
    const { core, offsets } = this.session;
    const states = [...core.states.values()];
    for (let left = states.length; left > 0; left--) {
      const state = states[this.#turn++ % states.length]!;
      if (this.#busy.has(state.name) || state.isPaused || state.isLeaving) continue;
      const firstOffset = state.position;
      const batches: RecordBatch[] = [];
      for (let batch = core.takeOf(state); batch !== null; batch = core.takeOf(state)) {
        state.handOut(batch.nextOffset, batch.origin.leaderEpoch);
        batches.push(batch);
      }
      const { position } = state;
      // What was there may be not for readers: markers, or records of aborted transactions.
      if (batches.length === 0 && (position <= firstOffset || firstOffset < 0)) continue;
      // The log was cut, so that what was done before is no more.
      if ((offsets.next(state) ?? 0) > firstOffset) offsets.forget([state]);
      offsets.began(state, firstOffset);
      const batch = new FacadeBatch(state, batches, firstOffset);
      return { state, batch, turn: state.turn, firstOffset };
    }
    return null;
  }

  async #handle(work: Work): Promise<void> {
    const { name } = work.state;
    let done: () => void = () => undefined;
    this.#busy.set(name, new Promise((resolve) => (done = resolve)));
    try {
      await this.#process(work);
    } finally {
      this.#goOn(work);
      this.#busy.delete(name);
      done();
      this.session.core.wake();
    }
  }

  async #process(work: Work): Promise<void> {
    const { batch } = work;
    const { instrumentation, config } = this.#parts;
    const startedMs = Date.now();
    const payload = {
      topic: batch.topic,
      partition: batch.partition,
      highWatermark: batch.highWatermark,
      offsetLag: batch.offsetLag(),
      offsetLagLow: batch.offsetLagLow(),
      batchSize: batch.messages.length,
      firstOffset: batch.firstOffset(),
      lastOffset: batch.lastOffset(),
    };
    instrumentation.emit(CONSUMER_EVENTS.START_BATCH_PROCESS, payload);
    if (batch.isEmpty()) this.session.offsets.resolve(work.state, batch.nextOffset);
    else if (config.eachMessage) await this.#eachMessage(work);
    else if (config.eachBatch) await this.#eachBatch(work);
    const duration = Date.now() - startedMs;
    instrumentation.emit(CONSUMER_EVENTS.END_BATCH_PROCESS, { ...payload, duration });
    await this.session.offsets.autoCommit();
    this.#requireMembership(work.state);
  }

  async #eachMessage(work: Work): Promise<void> {
    const { state, batch } = work;
    const { offsets } = this.session;
    const { topic, partition } = batch;
    const last = batch.messages.at(-1);
    for (const message of batch.messages) {
      if (!this.#isRunning || this.#isStale(work)) break;
      const heartbeat = () => this.#heartbeat(state);
      const pauses = () => this.#pause(state);
      try {
        const payload = { topic, partition, message, heartbeat, pause: pauses };
        await this.#parts.config.eachMessage!(payload);
      } catch (thrown) {
        await this.#onHandlerError('eachMessage', work, thrown, message.offset);
      }
      if (this.#isStale(work)) break;
      const done = message === last ? batch.lastOffset() : message.offset;
      offsets.resolve(state, Number(done) + 1);
      this.#requireMembership(state);
      await offsets.autoCommitIfNecessary();
      if (state.isPaused) break;
    }
  }

  async #eachBatch(work: Work): Promise<void> {
    const { state, batch } = work;
    const { offsets } = this.session;
    const last = batch.messages.at(-1);
    const resolve = (offset: string) => {
      const done = String(offset) === last?.offset ? batch.lastOffset() : offset;
      if (!this.#isStale(work)) offsets.resolve(state, Number(done) + 1);
    };
    try {
      await this.#parts.config.eachBatch!({
        batch,
        resolveOffset: resolve,
        heartbeat: () => this.#heartbeat(state),
        pause: () => this.#pause(state),
        commitOffsetsIfNecessary: (given) =>
          given === undefined || given === null
            ? offsets.commitIfNecessary()
            : offsets.commit(given),
        uncommittedOffsets: () => offsets.uncommitted(),
        isRunning: () => this.#isRunning,
        isStale: () => this.#isStale(work),
      });
    } catch (thrown) {
      await this.#onHandlerError('eachBatch', work, thrown, batch.firstOffset());
    }
    if (this.#parts.config.eachBatchAutoResolve ?? true) resolve(batch.lastOffset());
  }

  /** Commits what was done before the error, and throws it. */
  async #onHandlerError(name: string, work: Work, thrown: unknown, offset: string | null) {
    if (!(thrown instanceof KafkaJSError)) {
      const { topic, partition } = work.batch;
      const { stack } = thrown as Error;
      const more = { topic, partition, offset, stack, error: thrown };
      this.#parts.logger.error(`Error when calling ${name}`, more);
    }
    await this.session.offsets.autoCommit();
    throw thrown;
  }

  /** Goes on behind what is done. What was handed out and not done comes again. */
  #goOn({ state, turn, firstOffset }: Work): void {
    if (state.isRevoked || state.turn !== turn) return;
    const next = this.session.offsets.next(state) ?? firstOffset;
    if (next !== state.position) this.session.core.seek(state, next);
  }

  async #recover(thrown: unknown, work: Work | null, attempts: Attempts): Promise<void> {
    const { groupId, identity } = this.session;
    const { logger } = this.#parts;
    const { type } = thrown as { type?: unknown };
    if (isRebalancing(thrown) || type === 'UNKNOWN_MEMBER_ID') {
      const { memberId } = identity;
      logger.debug('The partition is given up', { groupId, memberId });
      // The membership learns of it with its next heartbeat.
      if (work !== null && !work.state.isRevoked) await pause(50, this.#ending.signal);
      return;
    }
    try {
      await attempts.next(facadeError(thrown), this.#ending.signal);
    } catch (final) {
      this.#crash(final as Error);
    }
  }

  #heartbeat(state: State): Promise<void> {
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          this.#requireMembership(state);
          resolve();
        } catch (thrown) {
          reject(thrown as Error);
        }
      });
    });
  }

  #requireMembership(state: State): void {
    if (this.session.isRebalancing || state.isRevoked) {
      throw protocolError(ERROR.REBALANCE_IN_PROGRESS);
    }
  }

  #pause({ topic, partition }: TopicPartition): () => void {
    const { pauses } = this.#parts;
    const selection = [{ topic, partitions: [partition] }];
    pauses.pause(selection);
    this.session.applyPauses();
    return () => {
      pauses.resume(selection);
      this.session.applyPauses();
    };
  }

  #isStale({ state, turn }: Work): boolean {
    return state.isRevoked || state.turn !== turn;
  }

  /** What is worked on ends, within the time that the group waits for this member. */
  async #onGiveUp(partitions: readonly TopicPartition[]): Promise<void> {
    const { maxPollIntervalMs } = this.#parts.settings;
    const names = partitions.map(({ topic, partition }) => `${topic}-${partition}`);
    for (const name of names) {
      const state = this.session.core.states.get(name);
      if (state !== undefined) state.isLeaving = true;
    }
    const ended = new AbortController();
    const worked = Promise.all(names.map((name) => this.#busy.get(name)));
    await Promise.race([worked, pause(maxPollIntervalMs, ended.signal)]);
    ended.abort();
    await inBackground(this.session.offsets.autoCommit(), (thrown) => {
      const { message } = facadeError(thrown);
      this.#parts.logger.warn(`Offsets were not committed: ${message}`);
    });
  }

  #crash(error: Error): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#ending.abort();
    this.session.core.wake();
    this.#parts.onCrash(error);
  }
}
