/** Reads a partition from an offset to its end and holds every record against its number. */
import { API } from '../../dist/protocol/index.js';
import { decodeRecords } from '../../dist/records/record-iterator.js';

const FETCH_VERSION = 11;
const LIST_OFFSETS_VERSION = 5;
const OFFSET_OUT_OF_RANGE = 1;
const LATEST = -1;
const EARLIEST = -2;

export const endOffset = (connection, topic, partition) =>
  offsetAt(connection, topic, partition, LATEST);

export const startOffset = (connection, topic, partition) =>
  offsetAt(connection, topic, partition, EARLIEST);

async function offsetAt(connection, topic, partition, timestamp) {
  const response = await connection.send(API.LIST_OFFSETS, LIST_OFFSETS_VERSION, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      {
        name: topic,
        partitions: [{ partitionIndex: partition, currentLeaderEpoch: -1, timestamp }],
      },
    ],
  });
  const place = response.topics[0].partitions[0];
  if (place.errorCode !== 0) throw new Error(`${topic}-${partition}: error ${place.errorCode}`);
  return place.offset;
}

export async function fetchAt(connection, topic, partition, offset) {
  const response = await connection.send(API.FETCH, FETCH_VERSION, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 4_000_000,
    sessionId: 0,
    sessionEpoch: -1,
    isolationLevel: 0,
    topics: [
      {
        topic,
        partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: 4_000_000 }],
      },
    ],
    forgottenTopicsData: [],
    rackId: '',
  });
  return response.responses[0].partitions[0];
}

/** Throws at the first record that is not the one its offset asks for. Returns the end. */
export async function verify(connection, topic, partition, from) {
  const end = await endOffset(connection, topic, partition);
  let expected = from;
  while (expected < end) {
    const result = await fetchAt(connection, topic, partition, expected);
    const where = `${topic}-${partition} at ${expected}`;
    if (result.errorCode === OFFSET_OUT_OF_RANGE) {
      // Retention may have come in between; anything else stays an error.
      const start = await startOffset(connection, topic, partition);
      if (start > expected) {
        expected = start;
        continue;
      }
    }
    if (result.errorCode !== 0) throw new Error(`${where}: fetch error ${result.errorCode}`);
    if (result.records.length === 0) throw new Error(`${where}: nothing, but the end is ${end}`);
    for (const record of decodeRecords(result.records)) {
      if (record.offset < expected) continue;
      const number = Number.parseInt(record.value.toString('utf8'), 10);
      if (record.offset !== expected || number !== expected) {
        throw new Error(`${where}: found record ${number} at offset ${record.offset}`);
      }
      expected++;
    }
  }
  return end;
}
