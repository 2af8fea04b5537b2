import { ERROR } from '../../base/kafka-errors.ts';
import type { FetchRequestFetchPartition } from '../../protocol/schema/01-fetch.ts';
import type { EpochEnd } from '../partitions/leader-epochs.ts';
import { errorOfPartition } from '../partitions/partition-errors.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Partitions } from '../partitions/partitions.ts';

const NO_EPOCH = -1;

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
  /** Where that epoch ended in this log. Null until the worker was asked. */
  lastFetchedEnd: EpochEnd | null = null;
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
  }

  /** Where the epoch of the client's last record ended. The current epoch ends at the log end. */
  endOfLastFetched(mirror: PartitionMirror): EpochEnd {
    const epoch = this.lastFetchedEpoch;
    if (epoch === mirror.leaderEpoch || this.lastFetchedEnd === null) {
      return { errorCode: 0, epoch, endOffset: mirror.logEndOffset };
    }
    return this.lastFetchedEnd;
  }

  /** The client has records that are not in this log, or the epoch's end is not known. */
  hasDiverged(mirror: PartitionMirror): boolean {
    const { errorCode, epoch, endOffset } = this.endOfLastFetched(mirror);
    if (errorCode !== 0 || endOffset < 0) return true;
    return epoch < this.lastFetchedEpoch || endOffset < this.fetchOffset;
  }

  /** Finds the partition as it is now. Returns 0, or the error to answer. */
  resolve(partitions: Partitions, byId: boolean, inSession: boolean): number {
    const topic = byId ? partitions.topicById(this.topicId) : partitions.topicByName(this.topic);
    const mirror = topic?.partitions[this.index];
    this.mirror = mirror ?? null;
    if (mirror === undefined) {
      if (!byId || topic !== undefined) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
      return inSession ? ERROR.INCONSISTENT_TOPIC_ID : ERROR.UNKNOWN_TOPIC_ID;
    }
    return errorOfPartition(mirror, this.leaderEpoch);
  }
}

export function targetKey(topic: string, topicId: string, byId: boolean, index: number): string {
  return `${byId ? topicId : topic}/${index}`;
}
