/** A log of transactions on disk, written by millrace's own partition without a broker. */

import { join } from 'node:path';

const NEVER = Number.MAX_SAFE_INTEGER;
const SETTINGS = {
  segmentBytes: 1 << 20,
  segmentMs: NEVER,
  segmentJitterMs: 0,
  segmentIndexBytes: 1 << 20,
  indexIntervalBytes: 4096,
  retentionMs: -1,
  retentionBytes: -1,
  fileDeleteDelayMs: 60_000,
  maxMessageBytes: 1 << 20,
  logAppendTime: false,
  timestampBeforeMaxMs: NEVER,
  timestampAfterMaxMs: NEVER,
  delete: true,
  compact: false,
  flushMessages: NEVER,
  flushMs: NEVER,
  groupCommit: false,
  minInSyncReplicas: 1,
};

/**
 * Producer 7 writes offset 0 and producer 8 offset 1. Offset 2 is the marker that aborts what 7
 * wrote, of coordinator epoch 3; the transaction of 8 stays open. Returns the partition's folder.
 */
export async function writeTransactions(folder) {
  const { PartitionLog } = await import('#millrace/log/partition-log');
  const { Partition } = await import('#millrace/partition/partition');
  const { buildBatch } = await import('#millrace/records/batch-builder');
  const directory = join(folder, 'transactions-0');
  const wallMs = Date.now();
  const log = PartitionLog.open({
    directory,
    topicId: 'qqqqqqqqQQGqqqqqqqqqqg',
    settings: SETTINGS,
    logStartOffset: 0,
    recoveryPoint: 0,
    producerExpirationMs: NEVER,
    maxProducers: 10,
    wallMs,
    logger: console,
    listener: { segmentAdded() {}, segmentRemoved() {}, failed: console.error },
  });
  const partition = new Partition(0, log, SETTINGS);
  partition.becomeLeader(0);
  for (const producerId of [7, 8]) {
    const producer = { producerId, producerEpoch: 0, baseSequence: 0, transactional: true };
    const batch = buildBatch([{ value: Buffer.from('v'), timestamp: wallMs }], producer);
    const guard = partition.requestVerification(producerId, 0, 0, false, wallMs);
    const error = partition.append(batch, 0, batch.length, 9, wallMs, guard);
    if (error !== 0) throw new Error(`the append answers ${error}`);
  }
  const error = partition.appendMarker(7, 0, 3, false, 1, wallMs);
  if (error !== 0) throw new Error(`the marker answers ${error}`);
  if (!log.close(true)) throw new Error('the log is not closed cleanly');
  return directory;
}
