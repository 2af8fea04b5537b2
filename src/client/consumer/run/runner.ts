import { CHANNELS } from '../../diagnostics/client-channels.ts';
import { isKafkaError, KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import { backOffMs } from '../../net/back-off.ts';
import { onAbort } from '../../net/on-abort.ts';
import { pause } from '../../net/pause.ts';
import type { ConsumerCore } from '../consumer-core.ts';
import type { PartitionState } from '../fetch/partition-state.ts';
import { FinishedOffsets } from '../offsets/finished-offsets.ts';
import { readFinishedRanges } from '../offsets/finished-ranges.ts';
import type { ConsumerRecord } from '../records/consumer-record.ts';
import type { RecordBatch } from '../records/record-batch.ts';
import type { FailedRecords } from './failed-records.ts';
import { dueTimeOf } from './failure-headers.ts';
import { Lanes } from './lanes.ts';
import type { RunSettings } from './run-options.ts';

/** The records of one partition that are being given out. */
interface Feed<K, V> {
  readonly state: PartitionState<K, V>;
  readonly turn: number;
  readonly tracker: FinishedOffsets;
  batch: RecordBatch<K, V> | null;
  next: number;
}

interface Item<K, V> {
  readonly feed: Feed<K, V>;
  readonly record: ConsumerRecord<K, V>;
}

/** How many records may wait for a lane, for each one that is worked on. */
const WAITING_EACH = 4;
/** Partitions that wait are looked at again after this time at the latest. */
const LOOK_AGAIN_MS = 100;

/** Hands records to a handler, many at once, and keeps account of what is finished. */
export class Runner<K, V> {
  readonly #core: ConsumerCore<K, V>;
  readonly #settings: RunSettings<K, V>;
  readonly #failed: FailedRecords;
  /** Whether records wait for the time that their header says. */
  readonly #waits: boolean;
  readonly #ending = new AbortController();
  readonly #lanes: Lanes<Item<K, V>>;
  readonly #feeds = new Map<string, Feed<K, V>>();
  /** How many records of each partition are worked on. */
  readonly #running = new Map<string, number>();
  #failure: KafkaError | null = null;
  #dueTimer: NodeJS.Timeout | null = null;

  constructor(
    core: ConsumerCore<K, V>,
    settings: RunSettings<K, V>,
    failed: FailedRecords,
    waits: boolean,
  ) {
    this.#core = core;
    this.#settings = settings;
    this.#failed = failed;
    this.#waits = waits;
    this.#lanes = new Lanes(
      settings.concurrency,
      (item) => this.#handle(item),
      (thrown) => this.#fail(thrown),
      () => core.wake(),
    );
  }

  /** Until the signal fires, the consumer closes, or a record fails for good. */
  async run(signal: AbortSignal | undefined): Promise<void> {
    const end = () => {
      this.#ending.abort();
      this.#core.wake();
    };
    const forget = onAbort(signal, end);
    if (signal?.aborted === true) end();
    this.#core.onGiveUp = (names) => this.#onGiveUp(names);
    try {
      while (!this.#isOver()) {
        this.#core.throwFailure();
        if (!this.#feedLanes()) await this.#core.wait(this.#ending.signal);
      }
    } catch (thrown) {
      this.#fail(thrown);
    } finally {
      this.#ending.abort();
      forget();
    }
    while (this.#lanes.pending > 0 && !this.#core.isClosed) await this.#core.nextNews();
    if (this.#dueTimer !== null) clearTimeout(this.#dueTimer);
    this.#core.onGiveUp = null;
    if (this.#failure !== null) throw this.#failure;
  }

  /** What was given out and not finished comes again. */
  release(): void {
    for (const { state, turn, tracker } of this.#feeds.values()) {
      if (state.turn !== turn || state.isRevoked) continue;
      const { committable } = tracker;
      const ranges = readFinishedRanges(committable, tracker.metadata());
      this.#core.seek(state, committable);
      state.finishedRanges = ranges;
    }
  }

  #isOver(): boolean {
    return this.#ending.signal.aborted || this.#core.isClosed || this.#failure !== null;
  }

  /** Gives out one record of each partition that has one; false where there is none. */
  #feedLanes(): boolean {
    let hasGiven = false;
    for (const state of this.#core.states.values()) {
      if (this.#lanes.pending >= this.#settings.concurrency * WAITING_EACH) return hasGiven;
      if (this.#giveOut(state)) hasGiven = true;
    }
    return hasGiven;
  }

  #giveOut(state: PartitionState<K, V>): boolean {
    const { order } = this.#settings;
    if (state.isLeaving || state.isPaused) return false;
    if (order === 'partition' && this.#lanes.isBusy(state.name)) return false;
    const feed = this.#feedOf(state);
    if (feed === null) return false;
    const batch = feed.batch!;
    const i = feed.next;
    const offset = batch.offset(i);
    if (feed.tracker.isTooFar(offset)) return false;
    const isFinished = state.finishedRanges.some(({ start, end }) => {
      return offset >= start && offset < end;
    });
    if (this.#waits && !isFinished && this.#mustWait(batch.record(i))) return false;
    const isLast = i === batch.length - 1;
    const nextOffset = isLast ? batch.nextOffset : offset + 1;
    feed.next = i + 1;
    if (isLast) feed.batch = null;
    state.handTo(nextOffset, batch.origin.leaderEpoch);
    feed.tracker.begin(offset, nextOffset);
    if (isFinished) {
      feed.tracker.finish(offset);
      return true;
    }
    const record = batch.record(i);
    this.#lanes.add(this.#laneOf(record, state), { feed, record });
    return true;
  }

  /** A partition rests until the time of its first record: those behind it are due later. */
  #mustWait(record: ConsumerRecord<K, V>): boolean {
    const leftMs = dueTimeOf(record) - Date.now();
    if (leftMs <= 0) return false;
    this.#dueTimer ??= setTimeout(
      () => {
        this.#dueTimer = null;
        this.#core.wake();
      },
      Math.min(leftMs, LOOK_AGAIN_MS),
    );
    return true;
  }

  #feedOf(state: PartitionState<K, V>): Feed<K, V> | null {
    let feed = this.#feeds.get(state.name);
    if (feed === undefined || feed.state !== state || feed.turn !== state.turn) {
      if (state.position < 0) return null;
      const tracker = new FinishedOffsets(state.position);
      feed = { state, turn: state.turn, tracker, batch: null, next: 0 };
      this.#feeds.set(state.name, feed);
      state.tracker = tracker;
    }
    if (feed.batch !== null) return feed;
    feed.batch = this.#core.takeOf(state);
    feed.next = 0;
    return feed.batch === null ? null : feed;
  }

  #laneOf(record: ConsumerRecord<K, V>, state: PartitionState<K, V>): string {
    const { order } = this.#settings;
    if (order === 'partition') return state.name;
    const key = order === 'key' ? record.keyBytes : null;
    if (key === null) return `${state.name}@${record.offset}`;
    return `${state.name}=${Buffer.from(key).toString('latin1')}`;
  }

  async #handle({ feed, record }: Item<K, V>): Promise<void> {
    const { state } = feed;
    // What was sought away from, given up or not begun when the run ended comes again.
    const isVoid = state.isRevoked || state.isLeaving || state.turn !== feed.turn;
    if (isVoid || this.#isOver()) return;
    this.#count(state.name, 1);
    try {
      if (await this.#attempt(record)) feed.tracker.finish(record.offset);
    } finally {
      this.#count(state.name, -1);
    }
  }

  #count(name: string, change: number): void {
    this.#running.set(name, (this.#running.get(name) ?? 0) + change);
  }

  /** False where the run ended before the record was done. */
  async #attempt(record: ConsumerRecord<K, V>): Promise<boolean> {
    const { retry, onBadPayload } = this.#settings;
    const { signal } = this.#ending;
    for (let attempt = this.#failed.attemptOf(record); ; attempt++) {
      try {
        await this.#call(record, attempt);
        return true;
      } catch (thrown) {
        if (isKafkaError(thrown, 'SERIALIZATION')) {
          await this.#giveUp(record, thrown, onBadPayload);
          return true;
        }
        if (await this.#failed.retryLater(record, thrown)) return true;
        if (attempt >= retry.attempts) {
          await this.#giveUp(record, thrown, 'dead-letter');
          return true;
        }
      }
      await pause(backOffMs(retry.backoffMs, retry.maxBackoffMs, attempt - 1), signal);
      if (signal.aborted) return false;
    }
  }

  /** A subscriber may have put a function of its own around the handler. */
  #call(record: ConsumerRecord<K, V>, attempt: number): unknown {
    const { eachRecord } = this.#settings;
    const { signal } = this.#ending;
    if (!CHANNELS.process.hasSubscribers) return eachRecord(record, { attempt, signal });
    const { clientId, groupId } = this.#core.settings;
    const handle = (): unknown => eachRecord(record, { attempt, signal });
    const message = { clientId, groupId, record, attempt, handle };
    CHANNELS.process.publish(message);
    return message.handle();
  }

  async #giveUp(record: ConsumerRecord<K, V>, thrown: unknown, how: string): Promise<void> {
    const hasDeadLetters = this.#failed.hasDeadLetters;
    if (how === 'throw' || (how === 'dead-letter' && !hasDeadLetters)) {
      throw failureOf(record, thrown);
    }
    if (how === 'dead-letter') await this.#failed.sendDeadLetter(record, thrown);
    this.#settings.onGivenUp(record, thrown);
  }

  /** Before partitions go to others: waits for what is worked on, so that it can be committed. */
  async #onGiveUp(names: ReadonlySet<string>): Promise<void> {
    const feeds = [...this.#feeds.values()].filter(({ state }) => names.has(state.name));
    for (const { state } of feeds) state.isLeaving = true;
    for (const { state } of feeds) {
      while ((this.#running.get(state.name) ?? 0) > 0 && !this.#core.isClosed) {
        await this.#core.nextNews();
      }
    }
  }

  #fail(thrown: unknown): void {
    this.#failure ??= toKafkaError(thrown);
    this.#ending.abort();
    this.#core.wake();
  }
}

function failureOf<K, V>(record: ConsumerRecord<K, V>, thrown: unknown): KafkaError {
  const { topic, partition, offset } = record;
  const error = toKafkaError(thrown);
  const text = `the record at offset ${offset} of partition ${topic}-${partition} failed`;
  const { code, category, message } = error;
  const details = { topic, partition, category, cause: thrown };
  return new KafkaError(code, `${text}: ${message}`, details);
}
