import type { ConsumerCore } from '../consumer/consumer-core.ts';
import type { GroupIdentity } from '../consumer/offsets/group-offsets.ts';
import { partitionName, type TopicPartition } from '../topic-partition.ts';
import { CONSUMER_EVENTS, type Instrumentation } from './events.ts';
import { translated } from './protocol-error.ts';
import type { Offsets } from './types.ts';

export interface CommitPolicy {
  readonly autoCommit: boolean;
  readonly autoCommitInterval: number | null;
  readonly autoCommitThreshold: number | null;
}

interface Resolved extends TopicPartition {
  /** Where to go on: behind the last record that is done. */
  readonly next: number;
}

/** How far each partition is done, and what of it is committed. */
export class ResolvedOffsets {
  readonly #core: ConsumerCore<Uint8Array | null, Uint8Array | null>;
  readonly #policy: CommitPolicy;
  readonly #identity: () => GroupIdentity;
  readonly #instrumentation: Instrumentation;
  readonly #resolved = new Map<string, Resolved>();
  /** Where reading began, for partitions without a committed offset. */
  readonly #starts = new Map<string, number>();
  #lastCommitMs = Date.now();

  constructor(
    core: ConsumerCore<Uint8Array | null, Uint8Array | null>,
    policy: CommitPolicy,
    identity: () => GroupIdentity,
    instrumentation: Instrumentation,
  ) {
    this.#core = core;
    this.#policy = policy;
    this.#identity = identity;
    this.#instrumentation = instrumentation;
  }

  /** Records before `next` are done. */
  resolve({ topic, partition }: TopicPartition, next: number): void {
    this.#resolved.set(partitionName({ topic, partition }), { topic, partition, next });
  }

  next(at: TopicPartition): number | undefined {
    return this.#resolved.get(partitionName(at))?.next;
  }

  began(at: TopicPartition, offset: number): void {
    const name = partitionName(at);
    if (!this.#starts.has(name)) this.#starts.set(name, offset);
  }

  forget(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) {
      this.#resolved.delete(partitionName(each));
      this.#starts.delete(partitionName(each));
    }
  }

  uncommitted(): Offsets {
    const topics = new Map<string, { partition: number; offset: string }[]>();
    for (const [name, { topic, partition, next }] of this.#resolved) {
      if (next < 0 || this.#core.states.get(name)?.committed === next) continue;
      const list = topics.get(topic) ?? [];
      list.push({ partition, offset: String(next) });
      topics.set(topic, list);
    }
    return { topics: Array.from(topics, ([topic, partitions]) => ({ topic, partitions })) };
  }

  /** Where commits are automatic: commits what is due by time or by number. */
  async commitIfNecessary(): Promise<void> {
    const { autoCommitInterval, autoCommitThreshold } = this.#policy;
    const isLate =
      autoCommitInterval !== null && Date.now() >= this.#lastCommitMs + autoCommitInterval;
    const isMuch = autoCommitThreshold !== null && this.#count() >= autoCommitThreshold;
    if (isLate || isMuch) await this.commit();
  }

  async autoCommit(): Promise<void> {
    if (this.#policy.autoCommit) await this.commit();
  }

  async autoCommitIfNecessary(): Promise<void> {
    if (this.#policy.autoCommit) await this.commitIfNecessary();
  }

  async commit(offsets: Offsets = this.uncommitted()): Promise<void> {
    this.#lastCommitMs = Date.now();
    const { topics } = offsets;
    if (topics.length === 0) return;
    const list = topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset, metadata }) => {
        const numbers = { partition: Number(partition), offset: Number(offset) };
        return { topic, ...numbers, metadata: metadata ?? '' };
      }),
    );
    const identity = this.#identity();
    await translated(() => this.#core.offsets!.commit(list, identity));
    for (const each of list) {
      const state = this.#core.states.get(partitionName(each));
      if (state !== undefined) state.committed = each.offset;
    }
    const groupId = this.#core.settings.groupId;
    const { memberId, generation: groupGenerationId } = identity;
    const payload = { groupId, memberId, groupGenerationId, topics };
    this.#instrumentation.emit(CONSUMER_EVENTS.COMMIT_OFFSETS, payload);
  }

  #count(): number {
    let count = 0;
    for (const [name, { next }] of this.#resolved) {
      const committed = this.#core.states.get(name)?.committed ?? -1;
      count += next - (committed >= 0 ? committed : (this.#starts.get(name) ?? 0));
    }
    return count;
  }
}
