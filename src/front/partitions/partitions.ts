import type { PartitionEvent, PartitionState, SegmentPlace } from '../../exchange/control.ts';
import { PARTITION_DOUBLES, PARTITION_WORDS } from '../../exchange/messages.ts';
import { readPosition } from '../../exchange/position-layout.ts';
import { LogReader } from '../../log/log-reader.ts';
import { CHANGED, type PartitionMirror, type PartitionWatcher } from './partition-mirror.ts';
import type { TopicMirror } from './topic-mirror.ts';

/**
 * All partitions that the front knows, by slot and by topic. Worker messages change the mirrors;
 * watchers are told once a drained batch, not once a message.
 */
export class Partitions {
  /** Slots are never used again, so this is a map: an array would grow with every deleted topic. */
  readonly #bySlot = new Map<number, PartitionMirror>();
  readonly #topicsByName = new Map<string, TopicMirror>();
  readonly #topicsById = new Map<string, TopicMirror>();
  /** Called where a partition is offline because its disk failed. Set before the first drain. */
  onDiskFailed: ((mirror: PartitionMirror, reason: string) => void) | null = null;
  #changed: PartitionMirror[] = [];

  add(topic: TopicMirror): void {
    this.#topicsByName.set(topic.name, topic);
    this.#topicsById.set(topic.id, topic);
    for (const mirror of topic.held) this.#bySlot.set(mirror.slot, mirror);
  }

  remove(topic: TopicMirror): void {
    this.#topicsByName.delete(topic.name);
    this.#topicsById.delete(topic.id);
    this.drop(topic.held);
  }

  /** Forgets partitions of which this node no longer holds a replica. */
  drop(mirrors: Iterable<PartitionMirror>): void {
    for (const mirror of mirrors) {
      this.#bySlot.delete(mirror.slot);
      mirror.removed = true;
      this.#markChanged(mirror);
    }
  }

  /** Who waits for these partitions looks at them again: others lead them now, or this node. */
  leadersMoved(mirrors: Iterable<PartitionMirror>): void {
    for (const mirror of mirrors) this.#markChanged(mirror);
    this.notifyWatchers();
  }

  topicByName(name: string): TopicMirror | undefined {
    return this.#topicsByName.get(name);
  }

  topicById(id: string): TopicMirror | undefined {
    return this.#topicsById.get(id);
  }

  topics(): IterableIterator<TopicMirror> {
    return this.#topicsByName.values();
  }

  bySlot(slot: number): PartitionMirror | undefined {
    return this.#bySlot.get(slot);
  }

  /** A PARTITION reply: the worker's state of one partition at one instant. */
  applyState(words: Int32Array, doubles: Float64Array, at: number): void {
    const word = at >> 2;
    const double = at >> 3;
    const mirror = this.#bySlot.get(words[word + PARTITION_WORDS.SLOT]!);
    if (mirror === undefined) return;
    const { limits } = mirror;
    const logStart = doubles[double + PARTITION_DOUBLES.LOG_START]!;
    let changes = CHANGED.NOTHING;
    if (
      doubles[double + PARTITION_DOUBLES.HIGH_WATERMARK] !== limits.highWatermark.offset ||
      doubles[double + PARTITION_DOUBLES.LAST_STABLE] !== limits.lastStable.offset
    ) {
      changes = CHANGED.LIMITS;
    }
    if (
      mirror.isEndWatched &&
      doubles[double + PARTITION_DOUBLES.LOG_END] !== mirror.logEnd.offset
    ) {
      changes |= CHANGED.END;
    }
    if (logStart !== mirror.logStartOffset) changes = CHANGED.ALL;
    mirror.known = true;
    mirror.isStableKnown = true;
    mirror.logStartOffset = logStart;
    readPosition(doubles, double + PARTITION_DOUBLES.LOG_END, mirror.logEnd);
    readPosition(doubles, double + PARTITION_DOUBLES.HIGH_WATERMARK, limits.highWatermark);
    readPosition(doubles, double + PARTITION_DOUBLES.LAST_STABLE, limits.lastStable);
    mirror.reader?.setEnd(mirror.logEnd, doubles[double + PARTITION_DOUBLES.ABORTED]!);
    if (changes !== CHANGED.NOTHING) this.#markChanged(mirror, changes);
  }

  applyEvent(event: PartitionEvent): void {
    const mirror = this.#bySlot.get(event.slot);
    if (mirror === undefined) return;
    switch (event.kind) {
      case 'segment-added':
        mirror.reader?.segmentAdded(
          event.baseOffset,
          event.previousSizeBytes,
          event.previousAborted,
        );
        break;
      case 'segment-removed':
        mirror.reader?.removeSegment(event.baseOffset);
        break;
      case 'leader-epoch':
        mirror.leaderEpoch = event.leaderEpoch;
        break;
      case 'epoch-start':
        mirror.epochStart = event.offset;
        break;
      case 'offline':
        this.setOffline(mirror, event.reason);
        if (event.isOfDisk) this.onDiskFailed?.(mirror, event.reason);
        break;
    }
  }

  setOffline(mirror: PartitionMirror, reason: string): void {
    mirror.offlineReason = reason;
    this.#markChanged(mirror);
  }

  /** The worker's answer to a load: from here on its messages keep the reader up to date. */
  startReading(
    mirror: PartitionMirror,
    segments: readonly SegmentPlace[],
    state: PartitionState,
  ): void {
    const reader = new LogReader(mirror.directory, mirror.limits);
    for (const { baseOffset, sizeBytes, abortedCount } of segments) {
      reader.addSegment(baseOffset, sizeBytes, abortedCount);
    }
    reader.setEnd(state.logEnd, state.abortedCount);
    mirror.reader = reader;
    mirror.known = true;
    mirror.isStableKnown = true;
    mirror.logStartOffset = state.logStartOffset;
    mirror.logEnd.copy(state.logEnd);
    mirror.limits.copy(state.limits);
  }

  #markChanged(mirror: PartitionMirror, changes = CHANGED.ALL): void {
    if (!mirror.isWatched) return;
    if (mirror.changes === CHANGED.NOTHING) this.#changed.push(mirror);
    mirror.changes |= changes;
  }

  /**
   * Tells the watchers of everything that changed since the last call, each of them once. The set
   * is local because a watcher may call this again.
   */
  notifyWatchers(): void {
    while (this.#changed.length > 0) {
      const changed = this.#changed;
      this.#changed = [];
      const watchers = new Set<PartitionWatcher>();
      for (const mirror of changed) {
        const { changes } = mirror;
        mirror.changes = CHANGED.NOTHING;
        mirror.collectWatchers(changes, watchers);
      }
      for (const watcher of watchers) watcher.onPartitionsChanged();
    }
  }
}
