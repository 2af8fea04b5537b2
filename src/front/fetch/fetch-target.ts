import { ERROR } from '../../base/kafka-errors.ts';
import type { FetchRequestFetchPartition } from '../../protocol/schema/01-fetch.ts';
import type { EpochEnd } from '../partitions/leader-epochs.ts';
import { errorOfPartition } from '../partitions/partition-errors.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Partitions } from '../partitions/partitions.ts';

const NO_EPOCH = -1;

/** What a worker said about an epoch, and of which state of the partition it said so. */
interface KnownEnd {
  readonly asked: number;
  readonly slot: number;
  readonly leaderEpoch: number;
  readonly logStartOffset: number;
  readonly end: EpochEnd;
}

/** How far a follower was when the leader's worker was told of it. */
interface ToldProgress {
  readonly offset: number;
  readonly startOffset: number;
  readonly leaderEpoch: number;
  readonly atMs: number;
}

/** One partition that a fetch asks for. A session keeps it from fetch to fetch. */
export class FetchTarget {
  readonly topic: string;
  readonly topicId: string;
  readonly index: number;
  fetchOffset = 0;
  bytesMax = 0;
  leaderEpoch = NO_EPOCH;
  /** The epoch of the client's last record. -1 if the request does not say. */
  lastFetchedEpoch = NO_EPOCH;
  /** Where a follower's own log begins; -1 of a consumer. */
  startOffset = -1;
  /** What a worker said of where that epoch ended in this log, and when it said so. */
  #lastFetchedEnd: KnownEnd | null = null;
  /** What the partition's worker was told of the follower last. Null of a consumer. */
  toldProgress: ToldProgress | null = null;
  /** What the last answer said. An incremental answer names only what differs from it. */
  toldHighWatermark = -1;
  toldLogStart = -1;
  /**
   * Found by the last `resolve`, and forgotten when the fetch ends. A session may outlive its
   * client. It must not keep the maps of deleted topics: the system frees no disk block of a file
   * that is mapped.
   */
  mirror: PartitionMirror | null = null;

  constructor(topic: string, topicId: string, index: number) {
    this.topic = topic;
    this.topicId = topicId;
    this.index = index;
  }

  update(asked: FetchRequestFetchPartition): void {
    this.fetchOffset = asked.fetchOffset;
    this.bytesMax = asked.partitionMaxBytes;
    this.leaderEpoch = asked.currentLeaderEpoch;
    this.lastFetchedEpoch = asked.lastFetchedEpoch;
    this.startOffset = asked.logStartOffset;
  }

  /**
   * Whether a worker must be asked where the epoch of the client's last record ended. An answer
   * holds for as long as the partition has the leader and the log start of that moment.
   */
  mustAskEnd({ slot, leaderEpoch, logStartOffset }: PartitionMirror): boolean {
    const epoch = this.lastFetchedEpoch;
    if (epoch === NO_EPOCH || epoch === leaderEpoch) return false;
    const known = this.#lastFetchedEnd;
    return (
      known?.asked !== epoch ||
      known.end.errorCode !== 0 ||
      known.slot !== slot ||
      known.leaderEpoch !== leaderEpoch ||
      known.logStartOffset !== logStartOffset
    );
  }

  /** The worker's answer about the epoch that it was asked for. */
  learnEnd({ slot, leaderEpoch, logStartOffset }: PartitionMirror, asked: number, end: EpochEnd) {
    this.#lastFetchedEnd = { asked, slot, leaderEpoch, logStartOffset, end };
  }

  /** Where the epoch of the client's last record ended. The current epoch ends at the log end. */
  endOfLastFetched(mirror: PartitionMirror): EpochEnd {
    if (this.#needsKnownEnd(mirror)) return this.#lastFetchedEnd!.end;
    return { errorCode: 0, epoch: this.lastFetchedEpoch, endOffset: mirror.logEndOffset };
  }

  #needsKnownEnd({ leaderEpoch }: PartitionMirror): boolean {
    const { lastFetchedEpoch } = this;
    return lastFetchedEpoch !== leaderEpoch && this.#lastFetchedEnd?.asked === lastFetchedEpoch;
  }

  /** The client has records that are not in this log, or the epoch's end is not known. */
  hasDiverged(mirror: PartitionMirror): boolean {
    const { lastFetchedEpoch, fetchOffset } = this;
    if (!this.#needsKnownEnd(mirror)) return mirror.logEndOffset < fetchOffset;
    const { errorCode, epoch, endOffset } = this.#lastFetchedEnd!.end;
    return errorCode !== 0 || endOffset < 0 || epoch < lastFetchedEpoch || endOffset < fetchOffset;
  }

  /** Finds the partition as it is now. Returns 0, or the error to answer. */
  resolve(partitions: Partitions, byId: boolean, inSession: boolean, mustLead: boolean): number {
    const topic = byId ? partitions.topicById(this.topicId) : partitions.topicByName(this.topic);
    const mirror = topic?.partitions[this.index];
    this.mirror = mirror ?? null;
    if (mirror === undefined) {
      if (!byId || topic !== undefined) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
      return inSession ? ERROR.INCONSISTENT_TOPIC_ID : ERROR.UNKNOWN_TOPIC_ID;
    }
    return errorOfPartition(mirror, this.leaderEpoch, mustLead);
  }
}

export function targetKey(topic: string, topicId: string, byId: boolean, index: number): string {
  return `${byId ? topicId : topic}/${index}`;
}
