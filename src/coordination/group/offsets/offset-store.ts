import { OpenTransactions } from './open-transactions.ts';

/** A committed offset. */
export interface CommittedOffset {
  offset: number;
  /** -1 where the client did not send it. */
  leaderEpoch: number;
  metadata: string;
  commitMs: number;
  /** Wall time set by clients of old; -1 where the retention applies. */
  expireMs: number;
  /** The zero uuid where the commit named its topic by name. */
  topicId: string;
  /** The order among all commits of the shard. The later commit of a partition holds. */
  sequence: number;
}

/** The offset of a group in a partition. */
export interface PartitionOffset {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly value: CommittedOffset;
}

export type PartitionOffsets = Map<number, CommittedOffset>;
export type TopicOffsets = Map<string, PartitionOffsets>;

/** Offsets by group, topic and partition. */
class OffsetTable {
  readonly groups = new Map<string, TopicOffsets>();

  get(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.groups.get(groupId)?.get(topic)?.get(partition);
  }

  put(groupId: string, topic: string, partition: number, value: CommittedOffset): void {
    let topics = this.groups.get(groupId);
    if (topics === undefined) {
      topics = new Map();
      this.groups.set(groupId, topics);
    }
    let partitions = topics.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      topics.set(topic, partitions);
    }
    partitions.set(partition, value);
  }

  delete(groupId: string, topic: string, partition: number): void {
    const topics = this.groups.get(groupId);
    const partitions = topics?.get(topic);
    if (topics === undefined || partitions === undefined) return;
    partitions.delete(partition);
    if (partitions.size === 0) topics.delete(topic);
    if (topics.size === 0) this.groups.delete(groupId);
  }
}

/**
 * All offsets of a shard. Offsets of a transaction are pending, by producer, until its end marker
 * is seen. A reader that asks for stable offsets is told to retry until then.
 */
export class OffsetStore {
  readonly #committed = new OffsetTable();
  readonly #pending = new Map<number, OffsetTable>();
  readonly #open = new OpenTransactions();
  /** Pending offsets that were lowered, and are higher in the log. */
  readonly #lowered = new Set<CommittedOffset>();
  /** Those of them that are committed, until `takeLowered`. */
  #loweredCommits: PartitionOffset[] = [];
  #sequence = 0;

  ofGroup(groupId: string): TopicOffsets | undefined {
    return this.#committed.groups.get(groupId);
  }

  groupIds(): Iterable<string> {
    return this.#committed.groups.keys();
  }

  get(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(groupId, topic, partition);
  }

  put(groupId: string, topic: string, partition: number, value: CommittedOffset): void {
    value.sequence = ++this.#sequence;
    this.#committed.put(groupId, topic, partition, value);
  }

  /** A tombstone takes out the committed offset and every pending one. */
  delete(groupId: string, topic: string, partition: number): void {
    this.#committed.delete(groupId, topic, partition);
    for (const producerId of this.#open.producersOf(groupId, topic, partition) ?? []) {
      this.#pending.get(producerId)!.delete(groupId, topic, partition);
    }
    this.#open.clear(groupId, topic, partition);
  }

  putPending(
    producerId: number,
    groupId: string,
    topic: string,
    partition: number,
    value: CommittedOffset,
  ): void {
    value.sequence = ++this.#sequence;
    let table = this.#pending.get(producerId);
    if (table === undefined) {
      table = new OffsetTable();
      this.#pending.set(producerId, table);
    }
    table.put(groupId, topic, partition, value);
    this.#open.add(groupId, topic, partition, producerId);
  }

  /**
   * The transaction is over. Its offsets are void, or are committed unless a later commit was made.
   */
  endTransaction(producerId: number, isCommit: boolean): void {
    const table = this.#pending.get(producerId);
    this.#pending.delete(producerId);
    if (table === undefined) return;
    for (const [groupId, topics] of table.groups) {
      for (const [topic, partitions] of topics) {
        for (const [partition, value] of partitions) {
          this.#open.remove(groupId, topic, partition, producerId);
          const isLowered = this.#lowered.delete(value);
          if (!isCommit) continue;
          const current = this.#committed.get(groupId, topic, partition);
          if (current !== undefined && current.sequence > value.sequence) continue;
          this.#committed.put(groupId, topic, partition, value);
          if (isLowered) this.#loweredCommits.push({ groupId, topic, partition, value });
        }
      }
    }
  }

  /** Lowers what is pending beyond this offset. The log has it as it was. */
  lowerPending(groupId: string, topic: string, partition: number, offset: number): void {
    for (const producerId of this.#open.producersOf(groupId, topic, partition) ?? []) {
      const value = this.#pending.get(producerId)?.get(groupId, topic, partition);
      if (value === undefined || value.offset <= offset) continue;
      value.offset = offset;
      value.leaderEpoch = -1;
      this.#lowered.add(value);
    }
  }

  get hasLowered(): boolean {
    return this.#loweredCommits.length > 0;
  }

  /** The lowered offsets that were committed since the last call. */
  takeLowered(): readonly PartitionOffset[] {
    const taken = this.#loweredCommits;
    this.#loweredCommits = [];
    return taken;
  }

  /** The highest pending offset of each partition of the group that has one. */
  *pendingOf(groupId: string): Iterable<{ topic: string; partition: number; offset: number }> {
    for (const { topic, partition, producers } of this.#open.ofGroup(groupId)) {
      let offset = -1;
      for (const producerId of producers) {
        const value = this.#pending.get(producerId)?.get(groupId, topic, partition);
        offset = Math.max(offset, value?.offset ?? -1);
      }
      yield { topic, partition, offset };
    }
  }

  hasPending(groupId: string, topic: string, partition: number): boolean {
    return this.#open.producersOf(groupId, topic, partition) !== undefined;
  }

  groupHasPending(groupId: string): boolean {
    return this.#open.hasGroup(groupId);
  }

  /** Every partition of the group that has an offset, committed or pending, once. */
  *partitionsOf(groupId: string): Iterable<{ topic: string; partition: number }> {
    const seen = new OffsetTable();
    const tables = [this.#committed, ...this.#pending.values()];
    for (const table of tables) {
      for (const [topic, partitions] of table.groups.get(groupId) ?? []) {
        for (const [partition, value] of partitions) {
          if (seen.get(groupId, topic, partition) !== undefined) continue;
          seen.put(groupId, topic, partition, value);
          yield { topic, partition };
        }
      }
    }
  }

  /** Every offset of a topic, committed or pending. */
  *offsetsOfTopic(
    topic: string,
  ): Iterable<{ groupId: string; partition: number; topicId: string }> {
    for (const table of [this.#committed, ...this.#pending.values()]) {
      for (const [groupId, topics] of table.groups) {
        for (const [partition, { topicId }] of topics.get(topic) ?? []) {
          yield { groupId, partition, topicId };
        }
      }
    }
  }
}
