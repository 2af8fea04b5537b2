import { isKafkaError, KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import { BackOff } from '../../net/back-off.ts';
import { onAbort } from '../../net/on-abort.ts';
import { pause } from '../../net/pause.ts';
import type { TopicPartition } from '../../topic-partition.ts';
import type { ConsumerCore } from '../consumer-core.ts';
import type { PartitionState } from '../fetch/partition-state.ts';
import { News } from '../news.ts';
import type { CommittedOffset, GroupIdentity } from '../offsets/group-offsets.ts';
import { mayPass } from './passing-errors.ts';
import type { OffsetInTransaction, TransactSettings } from './transact-options.ts';

/** What a transaction has read of one partition. */
interface Part<K, V> {
  readonly state: PartitionState<K, V>;
  readonly turn: number;
  readonly start: number;
  readonly startEpoch: number;
  next: number;
  nextEpoch: number;
}

export interface TransactorGroup {
  readonly identity: () => GroupIdentity;
  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;
}

/**
 * Reads batches, hands them to a handler within transactions of a producer, and commits what was
 * read in the transaction of what was written. Whatever is in doubt is aborted: the partitions go
 * back to what their group has committed, and the batches come again.
 */
export class Transactor<K, V> {
  readonly #core: ConsumerCore<K, V>;
  readonly #settings: TransactSettings<K, V>;
  readonly #group: TransactorGroup;
  readonly #backOff: BackOff;
  readonly #ending = new AbortController();
  readonly #parts = new Map<PartitionState<K, V>, Part<K, V>>();
  /** Tells those who give partitions up that the transaction has ended. */
  readonly #ended = new News();
  #isOpen = false;
  #mustEnd = false;
  #dueMs = 0;

  constructor(core: ConsumerCore<K, V>, settings: TransactSettings<K, V>, group: TransactorGroup) {
    const { retryBackoffMs, retryBackoffMaxMs } = core.settings;
    this.#core = core;
    this.#settings = settings;
    this.#group = group;
    this.#backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
  }

  /** Until the signal fires, the consumer closes, the handler throws, or nothing can go on. */
  async run(signal: AbortSignal | undefined): Promise<void> {
    const end = () => {
      this.#ending.abort(signal?.reason);
      this.#core.wake();
    };
    const forget = onAbort(signal, end);
    if (signal?.aborted === true) end();
    this.#core.onGiveUp = (names) => this.#giveUp(names);
    this.#core.commitsInTransactions = true;
    try {
      while (!(await this.#runUntilFailure())) await this.#rest();
    } finally {
      forget();
      this.#core.onGiveUp = null;
      this.#core.commitsInTransactions = false;
      this.#clear();
    }
  }

  /** True where the run is over; false after a failure that may pass. */
  async #runUntilFailure(): Promise<boolean> {
    try {
      // At once: it ends what an earlier process left open, whose offsets nobody may read yet.
      await this.#begin();
      while (!this.#isOver()) await this.#step();
      await this.#commit();
      return true;
    } catch (thrown) {
      await this.#abort(thrown);
      if (this.#isOver() && isAbort(thrown)) return true;
      if (!mayPass(thrown) || this.#isOver()) throw thrown;
      return false;
    }
  }

  #isOver(): boolean {
    return this.#ending.signal.aborted || this.#core.isClosed;
  }

  async #rest(): Promise<void> {
    await pause(this.#backOff.next(), this.#ending.signal);
  }

  async #step(): Promise<void> {
    const isDue = this.#mustEnd || performance.now() >= this.#dueMs;
    if (this.#parts.size > 0 && isDue) {
      await this.#commit();
      return;
    }
    this.#core.throwFailure();
    const taken = this.#core.take();
    if (taken === null) {
      await this.#wait();
      return;
    }
    const { state, batch, turn } = taken;
    const { nextOffset } = batch;
    const { leaderEpoch } = batch.origin;
    this.#note(state, turn, nextOffset, leaderEpoch);
    state.handTo(nextOffset, leaderEpoch);
    await this.#begin();
    await this.#settings.handler(batch, this.#ending.signal);
  }

  /** For something to read, or until the transaction is due. */
  async #wait(): Promise<void> {
    const { signal } = this.#ending;
    if (this.#parts.size === 0) {
      await this.#core.wait(signal);
      return;
    }
    const leftMs = Math.max(this.#dueMs - performance.now(), 0);
    const timer = setTimeout(() => this.#core.wake(), Math.ceil(leftMs));
    await this.#core.wait(signal);
    clearTimeout(timer);
  }

  #note(state: PartitionState<K, V>, turn: number, next: number, nextEpoch: number): void {
    if (this.#parts.size === 0) {
      this.#dueMs = performance.now() + this.#settings.commitIntervalMs;
    }
    const part = this.#parts.get(state);
    if (part === undefined) {
      const { position: start, positionEpoch: startEpoch } = state;
      this.#parts.set(state, { state, turn, start, startEpoch, next, nextEpoch });
    } else {
      part.next = next;
      part.nextEpoch = nextEpoch;
    }
  }

  async #begin(): Promise<void> {
    if (this.#isOpen) return;
    await this.#settings.producer.beginTransaction();
    this.#isOpen = true;
  }

  async #commit(): Promise<void> {
    const { producer } = this.#settings;
    if (this.#parts.size > 0) {
      const offsets = this.#offsets();
      const { memberId, generation, instanceId } = this.#group.identity();
      await producer.sendOffsetsToTransaction(offsets, {
        groupId: this.#core.settings.groupId!,
        generationId: generation,
        memberId,
        groupInstanceId: instanceId,
      });
    }
    if (this.#isOpen) await producer.commitTransaction();
    this.#isOpen = false;
    for (const { state, next } of this.#parts.values()) {
      state.leave();
      state.committed = next;
      state.committedMetadata = '';
    }
    this.#clear();
    this.#backOff.reset();
  }

  /** Throws where a partition has been taken away or sought since it was read. */
  #offsets(): OffsetInTransaction[] {
    return Array.from(this.#parts.values(), ({ state, turn, next, nextEpoch }) => {
      const { topic, partition, name } = state;
      if (!state.isRevoked && state.turn === turn) {
        return { topic, partition, offset: next, leaderEpoch: nextEpoch };
      }
      const what = state.isRevoked ? 'was taken away' : 'was sought';
      const text = `partition ${name} ${what} during the transaction`;
      throw new KafkaError('TRANSACTION_ABORTABLE', text, { topic, partition });
    });
  }

  /** Throws where the transaction cannot be aborted: nothing can go on then. */
  async #abort(cause: unknown): Promise<void> {
    try {
      while (this.#isOpen) await this.#tryAbort();
    } catch (thrown) {
      this.#isOpen = false;
      throw isFirst(cause, thrown) ? cause : thrown;
    } finally {
      await this.#rewind();
      this.#clear();
    }
  }

  async #tryAbort(): Promise<void> {
    try {
      await this.#settings.producer.abortTransaction();
      this.#isOpen = false;
    } catch (thrown) {
      if (!mayPass(thrown) || this.#isOver()) throw thrown;
      await this.#rest();
    }
  }

  /**
   * What the group has committed is where to go on: a commit whose answer was lost may have taken
   * place.
   */
  async #rewind(): Promise<void> {
    const lost = [...this.#parts.values()].filter(({ state, turn }) => {
      return !state.isRevoked && state.turn === turn;
    });
    if (lost.length === 0 || this.#core.isClosed) return;
    for (const { state, start, startEpoch } of lost) this.#core.seek(state, start, startEpoch);
    const turns = lost.map(({ state }) => state.turn);
    const committed = await this.#group.committed(lost.map(({ state }) => state));
    for (const [i, { state, start }] of lost.entries()) {
      const at = committed.find(
        ({ topic, partition }) => topic === state.topic && partition === state.partition,
      );
      if (at === undefined || at.offset < 0 || at.offset === start) continue;
      if (state.turn === turns[i]) this.#core.seek(state, at.offset, at.leaderEpoch);
    }
  }

  #clear(): void {
    this.#parts.clear();
    this.#mustEnd = false;
    this.#ended.tell();
  }

  /** Before partitions go to others: what was read of them is committed or aborted. */
  async #giveUp(names: ReadonlySet<string>): Promise<void> {
    for (const state of this.#core.states.values()) {
      if (names.has(state.name)) state.isLeaving = true;
    }
    while (this.#holds(names) && !this.#core.isClosed) {
      this.#mustEnd = true;
      this.#core.wake();
      await this.#ended.next();
    }
  }

  #holds(names: ReadonlySet<string>): boolean {
    return [...this.#parts.keys()].some(({ name }) => names.has(name));
  }
}

function isAbort(thrown: unknown): boolean {
  return (
    isKafkaError(thrown, 'ABORTED') || (thrown instanceof Error && thrown.name === 'AbortError')
  );
}

/** A producer that cannot go on says the same thing twice. */
function isFirst(cause: unknown, thrown: unknown): boolean {
  return toKafkaError(cause).code === toKafkaError(thrown).code;
}
