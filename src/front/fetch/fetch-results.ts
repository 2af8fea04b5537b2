/** What a fetch's answer says of each partition. */
import type { FetchResponse, FetchResponsePartitionData } from '../../protocol/schema/01-fetch.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import { NO_LEADER_HINT } from '../net/leader-hints.ts';
import type { FetchTarget } from './fetch-target.ts';

const NO_RECORDS = Buffer.alloc(0);
const NO_EPOCH_END = { epoch: -1, endOffset: -1 };
const NO_SNAPSHOT = { endOffset: -1, epoch: -1 };
/** The client goes on reading here. */
export const NO_REPLICA = -1;

/** By target. Null for a partition that the answer does not name. */
export type FetchResults = (FetchResponsePartitionData | null)[];

/** What an answer says of a partition before anything is read. */
export function emptyResult(
  target: FetchTarget,
  errorCode: number,
  isCommitted: boolean,
): FetchResponsePartitionData {
  return {
    partitionIndex: target.index,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    divergingEpoch: NO_EPOCH_END,
    currentLeader: NO_LEADER_HINT,
    snapshotId: NO_SNAPSHOT,
    abortedTransactions: isCommitted ? [] : null,
    preferredReadReplica: NO_REPLICA,
    records: NO_RECORDS,
  };
}

/** Whether an incremental answer names the partition. */
export function isNews(target: FetchTarget, result: FetchResponsePartitionData): boolean {
  return (
    result.errorCode !== 0 ||
    result.divergingEpoch !== NO_EPOCH_END ||
    result.preferredReadReplica !== NO_REPLICA ||
    result.records!.length > 0 ||
    result.highWatermark !== target.toldHighWatermark ||
    result.logStartOffset !== target.toldLogStart
  );
}

/** Partitions of one topic that follow each other are told together. */
export function addResult(
  response: Unthrottled<FetchResponse>,
  target: FetchTarget,
  result: FetchResponsePartitionData,
): void {
  const last = response.responses[response.responses.length - 1];
  if (last !== undefined && last.topic === target.topic && last.topicId === target.topicId) {
    last.partitions.push(result);
    return;
  }
  const { topic, topicId } = target;
  response.responses.push({ topic, topicId, partitions: [result] });
}
