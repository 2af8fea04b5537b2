import { inBackground } from '../../../base/in-background.ts';
import type { ClientSettings } from '../../config/client-options.ts';
import {
  isKafkaError,
  KafkaError,
  throwIfAborted,
  toKafkaError,
} from '../../errors/kafka-error.ts';
import { abortable } from '../../net/abortable.ts';
import { BackOff } from '../../net/back-off.ts';
import { pause } from '../../net/pause.ts';
import { partitionName } from '../../topic-partition.ts';
import type { PartitionState } from '../fetch/partition-state.ts';
import type { GroupIdentity, GroupOffsets, OffsetToCommit } from './group-offsets.ts';

export interface CommitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

type States<K, V> = ReadonlyMap<string, PartitionState<K, V>>;

/** Commits one after the other, so that an older one never comes last. */
export class Committer<K, V> {
  readonly #settings: ClientSettings;
  readonly #states: States<K, V>;
  readonly #offsets: GroupOffsets;
  readonly #identity: () => GroupIdentity;
  readonly #onCommitted: (offsets: readonly OffsetToCommit[]) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(
    settings: ClientSettings,
    states: States<K, V>,
    offsets: GroupOffsets,
    identity: () => GroupIdentity,
    onCommitted: (offsets: readonly OffsetToCommit[]) => void,
  ) {
    this.#onCommitted = onCommitted;
    this.#settings = settings;
    this.#states = states;
    this.#offsets = offsets;
    this.#identity = identity;
  }

  /** What was left behind and is not committed yet. */
  left(states: Iterable<PartitionState<K, V>>): OffsetToCommit[] {
    const offsets: OffsetToCommit[] = [];
    for (const state of states) {
      const { topic, partition, committable: offset, committableMetadata: metadata } = state;
      if (offset < 0) continue;
      if (offset === state.committed && metadata === state.committedMetadata) continue;
      // The application has committed since and has left nothing more behind: its word stands.
      if (offset === state.leftAtCommit && metadata === '') continue;
      const leaderEpoch = state.isInHand ? -1 : state.positionEpoch;
      offsets.push({ topic, partition, offset, leaderEpoch, metadata });
    }
    return offsets;
  }

  commit(offsets: readonly OffsetToCommit[], options: CommitOptions): Promise<void> {
    const left = offsets.map((each) => this.#states.get(partitionName(each))?.committable ?? -1);
    const work = this.#last.then(() => this.#commit(offsets, left, options));
    // The caller hears of a failure; the next commit does not wait for a better end of it.
    this.#last = inBackground(work, () => undefined);
    return abortable(work, options.signal, 'the commit');
  }

  /** `left` has what each partition had left behind when the commit was asked for. */
  async #commit(
    offsets: readonly OffsetToCommit[],
    left: readonly number[],
    options: CommitOptions,
  ): Promise<void> {
    if (offsets.length === 0) return;
    const { retryBackoffMs, retryBackoffMaxMs } = this.#settings;
    const backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
    const endMs = performance.now() + options.timeoutMs;
    for (;;) {
      throwIfAborted(options.signal, 'the commit');
      try {
        await this.#offsets.commit(offsets, this.#identity());
        this.#remember(offsets, left);
        this.#onCommitted(offsets);
        return;
      } catch (thrown) {
        const error = toKafkaError(thrown);
        const pauseMs = backOff.next();
        // The member's new epoch comes with its next heartbeat.
        const mayPass = error.retriable || isKafkaError(error, 'STALE_MEMBER_EPOCH');
        const isRebalance = isKafkaError(error, 'REBALANCE_IN_PROGRESS');
        if (!mayPass || isRebalance || performance.now() + pauseMs > endMs) throw explained(error);
        await pause(pauseMs, options.signal);
      }
    }
  }

  #remember(offsets: readonly OffsetToCommit[], left: readonly number[]): void {
    for (const [i, each] of offsets.entries()) {
      const state = this.#states.get(partitionName(each));
      if (state === undefined) continue;
      state.committed = each.offset;
      state.committedMetadata = each.metadata ?? '';
      state.leftAtCommit = left[i]!;
    }
  }
}

function explained(error: KafkaError): KafkaError {
  if (error.category !== 'application-recoverable') return error;
  const why = 'the partitions belong to other members now, so nothing was committed';
  const { code, topic, partition } = error;
  const details = topic === undefined || partition === undefined ? {} : { topic, partition };
  return new KafkaError(code, `${error.message}: ${why}`, { ...details, cause: error });
}
