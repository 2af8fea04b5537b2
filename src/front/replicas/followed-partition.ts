import { FetchedPartition } from '../../replication/fetched-partition.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';

const NOT_ASKED = -1;

/** A partition of one leader that this node follows, and what that leader's session has of it. */
export class FollowedPartition {
  mirror: PartitionMirror;
  leaderEpoch: number;
  /** What is asked of the leader. Null until the worker has said where the log ends. */
  fetched: FetchedPartition | null = null;
  /** Another node leads it now, or this one. The leader's session is to forget it. */
  isLeft = false;
  isInSession = false;
  /** As the leader's session has them. */
  askedOffset = NOT_ASKED;
  askedEpoch = NOT_ASKED;
  askedLastEpoch = NOT_ASKED;
  askedStart = NOT_ASKED;
  /** What the worker was told last. */
  toldHighWatermark = NOT_ASKED;

  constructor(mirror: PartitionMirror, leaderEpoch: number) {
    this.mirror = mirror;
    this.leaderEpoch = leaderEpoch;
  }

  get topicId(): string {
    return this.mirror.topicId;
  }

  get index(): number {
    return this.mirror.index;
  }

  get name(): string {
    return `${this.mirror.topic}-${this.mirror.index}`;
  }

  /** The same leader was elected again, or this node holds the partition anew. */
  begin(mirror: PartitionMirror, leaderEpoch: number): void {
    this.mirror = mirror;
    this.leaderEpoch = leaderEpoch;
    this.fetched = null;
    this.isLeft = false;
    this.toldHighWatermark = NOT_ASKED;
  }

  /** The log ends there, and is fetched from there at that time. */
  startAt(endOffset: number, latestEpoch: number, notBeforeMs: number): void {
    this.fetched = new FetchedPartition(this.leaderEpoch, endOffset, latestEpoch);
    this.fetched.waitsUntilMs = notBeforeMs;
  }

  /** It has all below the leader's high watermark, as that was told last. */
  get isCaughtUp(): boolean {
    const { fetched, toldHighWatermark } = this;
    return fetched !== null && toldHighWatermark >= 0 && fetched.fetchOffset >= toldHighWatermark;
  }

  /** How many records below that high watermark are not here; 0 where it was never told. */
  get lag(): number {
    const end = this.fetched?.fetchOffset ?? this.mirror.logEndOffset;
    return Math.max(0, this.toldHighWatermark - end);
  }

  /** Nothing is asked for it any more, in this epoch or at all. */
  get isOver(): boolean {
    const { removed, offlineReason } = this.mirror;
    return this.isLeft || removed || offlineReason !== '' || this.fetched?.isStopped === true;
  }

  isReady(nowMs: number): boolean {
    return !this.isOver && this.fetched?.isReady(nowMs) === true;
  }

  /** Where its log begins is told to the leader with the next request. */
  get isStartMoved(): boolean {
    return this.isInSession && this.askedStart !== this.mirror.logStartOffset;
  }

  /** Takes down what is asked next. False where the leader's session has just that. */
  ask(): boolean {
    const { fetchOffset, leaderEpoch, lastFetchedEpoch } = this.fetched!;
    const { logStartOffset } = this.mirror;
    const isKnown =
      this.isInSession &&
      this.askedOffset === fetchOffset &&
      this.askedEpoch === leaderEpoch &&
      this.askedLastEpoch === lastFetchedEpoch &&
      this.askedStart === logStartOffset;
    if (isKnown) return false;
    this.isInSession = true;
    this.askedOffset = fetchOffset;
    this.askedEpoch = leaderEpoch;
    this.askedLastEpoch = lastFetchedEpoch;
    this.askedStart = logStartOffset;
    return true;
  }
}
