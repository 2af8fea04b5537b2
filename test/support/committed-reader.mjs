/** Reads a partition as a read_committed consumer does: what was aborted is left out here. */
import { API, ERROR } from '../../dist/protocol/index.js';
import {
  isControl,
  isTransactional,
  lastOffset,
  producerId,
  sizeInBytes,
} from '../../dist/records/batch-layout.js';
import { CONTROL_TYPE, controlType } from '../../dist/records/control-record.js';
import { decodeRecords, RecordCursor } from '../../dist/records/record-iterator.js';

const FETCH_VERSION = 11;
const LIST_OFFSETS_VERSION = 5;
const PARTITION_BYTES = 1_000_000;

function markerType(records, at) {
  const cursor = new RecordCursor();
  cursor.open(records, at);
  cursor.next();
  return controlType(cursor);
}

/** One answer of a fetch, at either isolation level. */
export async function fetchPartition(connection, topic, partition, fetchOffset, options = {}) {
  const { isCommitted = true, maxWaitMs = 0, partitionMaxBytes = PARTITION_BYTES } = options;
  const place = { partition, fetchOffset, partitionMaxBytes };
  const answer = await connection.send(API.FETCH, FETCH_VERSION, {
    maxWaitMs,
    minBytes: 1,
    maxBytes: 4_000_000,
    sessionId: 0,
    sessionEpoch: -1,
    isolationLevel: isCommitted ? 1 : 0,
    topics: [{ topic, partitions: [place] }],
    forgottenTopicsData: [],
    rackId: '',
  });
  return answer.responses[0].partitions[0];
}

/** The batches of a fetch that are not aborted: `{ offset, value }` of each record. */
export function committedRecords(records, abortedTransactions, from) {
  const found = [];
  const begins = [...(abortedTransactions ?? [])].sort((one, two) => {
    return one.firstOffset - two.firstOffset;
  });
  const aborted = new Set();
  let next = from;
  for (let at = 0; at + 12 <= records.length; ) {
    const size = sizeInBytes(records, at);
    if (at + size > records.length) break;
    next = lastOffset(records, at) + 1;
    while (begins.length > 0 && begins[0].firstOffset < next)
      aborted.add(begins.shift().producerId);
    const id = producerId(records, at);
    if (isControl(records, at)) {
      if (markerType(records, at) === CONTROL_TYPE.ABORT) aborted.delete(id);
    } else if (!isTransactional(records, at) || !aborted.has(id)) {
      for (const { offset, value } of decodeRecords(records, at, at + size)) {
        if (offset >= from) found.push({ offset, value: value.toString() });
      }
    }
    at += size;
  }
  return { found, next };
}

/** Everything committed from an offset up to the last stable offset. */
export async function readCommitted(connection, topic, partition, from = 0, options = {}) {
  const all = [];
  let next = from;
  for (;;) {
    const result = await fetchPartition(connection, topic, partition, next, options);
    if (result.errorCode !== ERROR.NONE) {
      throw new Error(`fetch of ${topic}-${partition} at ${next}: error ${result.errorCode}`);
    }
    const read = committedRecords(result.records, result.abortedTransactions, next);
    all.push(...read.found);
    const { lastStableOffset, highWatermark } = result;
    if (read.next === next) return { records: all, next, lastStableOffset, highWatermark };
    next = read.next;
    if (next > lastStableOffset) {
      const where = `${topic}-${partition}`;
      throw new Error(
        `${where} was read to ${next}, its last stable offset is ${lastStableOffset}`,
      );
    }
  }
}

/** The end of a partition: the high watermark, or with `isCommitted` the last stable offset. */
export async function endOf(connection, topic, partitionIndex, isCommitted) {
  const place = { partitionIndex, currentLeaderEpoch: -1, timestamp: -1 };
  const answer = await connection.send(API.LIST_OFFSETS, LIST_OFFSETS_VERSION, {
    replicaId: -1,
    isolationLevel: isCommitted ? 1 : 0,
    topics: [{ name: topic, partitions: [place] }],
  });
  const { errorCode, offset } = answer.topics[0].partitions[0];
  if (errorCode !== ERROR.NONE) throw new Error(`end of ${topic}: error ${errorCode}`);
  return offset;
}
