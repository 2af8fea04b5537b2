import { inBackground } from '../../../base/in-background.ts';
import { isKafkaError, KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { BackOff } from '../../net/back-off.ts';
import { pause } from '../../net/pause.ts';
import { NEEDS, type PartitionState } from '../fetch/partition-state.ts';
import { readFinishedRanges } from './finished-ranges.ts';
import type { GroupIdentity, GroupOffsets } from './group-offsets.ts';
import type { OffsetFinder } from './offset-finder.ts';
import { END, type ResetPolicy } from './reset-policy.ts';

export interface PositionsOptions<K, V> {
  readonly link: ClusterLink;
  readonly states: ReadonlyMap<string, PartitionState<K, V>>;
  readonly finder: OffsetFinder;
  readonly policy: ResetPolicy;
  /** Null without a group. */
  readonly committed: GroupOffsets | null;
  readonly identity: () => GroupIdentity;
  readonly onReady: () => void;
  readonly onError: (error: KafkaError) => void;
}

/**
 * Finds where assigned partitions are to be read: at the committed offset, or else by the reset
 * policy. An error that passes is waited out. It never leads to a reset.
 */
export class Positions<K, V> {
  readonly #options: PositionsOptions<K, V>;
  readonly #backOff: BackOff;
  readonly #closing = new AbortController();
  #isRunning = false;

  constructor(options: PositionsOptions<K, V>) {
    this.#options = options;
    const { retryBackoffMs, retryBackoffMaxMs } = options.link.settings;
    this.#backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
  }

  /** Call it where a partition needs a position. */
  wake(): void {
    if (this.#isRunning || this.#closing.signal.aborted) return;
    this.#isRunning = true;
    inBackground(this.#run(), (thrown) => {
      this.#isRunning = false;
      this.#options.onError(toKafkaError(thrown));
    });
  }

  close(): void {
    this.#closing.abort();
  }

  /** By the policy, or by an error where there is none. `why` begins the text of that. */
  reset(state: PartitionState<K, V>, why: string): void {
    const { policy, onError } = this.#options;
    const time = policy?.(Date.now(), state.topic) ?? null;
    if (time !== null) {
      state.resetAt(time);
      this.wake();
      return;
    }
    state.needs = NEEDS.SEEK;
    const { topic, partition } = state;
    const text = `partition ${state.name} ${why}, and autoOffsetReset is none`;
    const category = 'application-recoverable';
    onError(new KafkaError('OFFSET_OUT_OF_RANGE', text, { topic, partition, category }));
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      const committed = this.#needing(NEEDS.COMMITTED);
      const reset = this.#needing(NEEDS.RESET);
      if (signal.aborted || committed.length + reset.length === 0) break;
      try {
        await this.#requireTopics([...committed, ...reset]);
        if (committed.length > 0) await this.#readCommitted(committed);
        if (reset.length > 0) await this.#findOffsets(reset);
        this.#backOff.reset();
        this.#options.onReady();
      } catch (thrown) {
        if (signal.aborted) break;
        this.#tell(toKafkaError(thrown));
        await pause(this.#backOff.next(), signal);
      }
    }
    this.#isRunning = false;
  }

  #needing(needs: string): PartitionState<K, V>[] {
    return [...this.#options.states.values()].filter((state) => state.needs === needs);
  }

  async #requireTopics(states: readonly PartitionState<K, V>[]): Promise<void> {
    const { metadata } = this.#options.link;
    const isMissing = states.some(({ topic, partition }) => {
      return metadata.topic(topic)?.partitions[partition] === undefined;
    });
    if (isMissing) await metadata.refresh();
  }

  async #readCommitted(states: readonly PartitionState<K, V>[]): Promise<void> {
    const { committed, identity } = this.#options;
    if (committed === null) {
      for (const state of states) {
        if (state.needs === NEEDS.COMMITTED) this.reset(state, 'has no offset to begin at');
      }
      return;
    }
    const turns = states.map(({ turn }) => turn);
    const found = await committed.fetch(states, identity());
    const byName = new Map(found.map((each) => [`${each.topic}-${each.partition}`, each]));
    for (const [i, state] of states.entries()) {
      // A seek came first.
      if (state.turn !== turns[i] || state.needs !== NEEDS.COMMITTED) continue;
      const at = byName.get(state.name);
      if (at === undefined || at.offset < 0) {
        this.reset(state, 'has no committed offset');
        continue;
      }
      state.seek(at.offset, at.leaderEpoch);
      state.committed = at.offset;
      state.committedMetadata = at.metadata;
      state.finishedRanges = readFinishedRanges(at.offset, at.metadata);
    }
  }

  async #findOffsets(states: readonly PartitionState<K, V>[]): Promise<void> {
    const { finder } = this.#options;
    const turns = states.map(({ turn }) => turn);
    const wanted = states.map(({ topic, partition, resetTo: time }) => ({
      topic,
      partition,
      time,
    }));
    const found = await finder.tryFind(wanted);
    let failure: KafkaError | null = null;
    for (const [i, state] of states.entries()) {
      const { offset, error } = found[i]!;
      if (state.turn !== turns[i] || state.needs !== NEEDS.RESET) continue;
      if (error !== null) failure = error;
      else if (offset >= 0) state.seek(offset);
      // No record is as new as the time.
      else state.resetAt(END.LATEST);
    }
    if (failure !== null) throw failure;
  }

  #tell(error: KafkaError): void {
    const { link, onError } = this.#options;
    link.metadata.invalidate();
    // The member is joining again, or its new epoch is on its way.
    const isStale = isKafkaError(
      error,
      'STALE_MEMBER_EPOCH',
      'UNKNOWN_MEMBER_ID',
      'ILLEGAL_GENERATION',
      'FENCED_MEMBER_EPOCH',
    );
    if (!error.retriable && !isStale) onError(error);
  }
}
