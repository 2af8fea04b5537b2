import { CLIENT_DEFAULTS } from '../../src/client/config/client-options.ts';
import { ClusterLink } from '../../src/client/metadata/cluster-link.ts';
import { LANE } from '../../src/client/net/lane.ts';
import { API } from '../../src/protocol/api-keys.ts';
import type { FetchResponsePartitionData } from '../../src/protocol/schema/01-fetch.ts';
import { lastOffset, wholeBatchSize } from '../../src/records/batch-layout.ts';
import { hasValidCrc } from '../../src/records/batch-validator.ts';
import { type DecodedRecord, decodeRecords } from '../../src/records/record-iterator.ts';

/** The last version of Produce and of Fetch in which topics have names. */
const BY_NAME_VERSION = 12;
const MOST_BYTES = 10_000_000;

export interface Place {
  readonly topic: string;
  readonly partition?: number;
}

export const ISOLATION = { ALL: 0, COMMITTED: 1 } as const;

/** A connection to the leader of a partition, for requests that are written by hand. */
async function leaderOf(bootstrapServers: string, { topic: name, partition = 0 }: Place) {
  const link = new ClusterLink(
    { ...CLIENT_DEFAULTS, bootstrapServers },
    { allowAutoTopicCreation: true },
  );
  const topic = await link.metadata.requireTopic(name, { timeoutMs: 10_000 });
  const connection = await link.network.connect(topic.partitions[partition]!.leader, LANE.CONTROL);
  return { connection, [Symbol.dispose]: () => link.close() };
}

/** Puts a finished batch into a partition. */
export async function putBatch(
  bootstrapServers: string,
  at: Place,
  records: Buffer,
): Promise<void> {
  const { topic: name, partition: index = 0 } = at;
  using leader = await leaderOf(bootstrapServers, at);
  const topicData = [{ name, partitionData: [{ index, records }] }];
  const answer = await leader.connection.ask(
    API.PRODUCE,
    { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData },
    { maxVersion: BY_NAME_VERSION },
  );
  const code = answer.responses[0]!.partitionResponses[0]!.errorCode;
  if (code !== 0) throw new Error(`the records were refused: ${code}`);
}

/** What a plain fetch answers from an offset on. */
export async function fetchFrom(
  bootstrapServers: string,
  at: Place,
  fetchOffset: number,
  isolationLevel: number = ISOLATION.ALL,
): Promise<FetchResponsePartitionData> {
  const { topic, partition = 0 } = at;
  using leader = await leaderOf(bootstrapServers, at);
  const partitions = [{ partition, fetchOffset, partitionMaxBytes: MOST_BYTES }];
  const body = {
    replicaId: -1,
    maxWaitMs: 1,
    minBytes: 0,
    maxBytes: MOST_BYTES,
    isolationLevel,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, partitions }],
    forgottenTopicsData: [],
  };
  const answer = await leader.connection.ask(API.FETCH, body, { maxVersion: BY_NAME_VERSION });
  const data = answer.responses[0]!.partitions[0]!;
  if (data.errorCode !== 0) throw new Error(`the fetch was refused: ${data.errorCode}`);
  return data;
}

/** The batches of a partition, each whole and sound, whatever became of their transactions. */
export async function batchesOf(bootstrapServers: string, at: Place): Promise<Buffer[]> {
  const batches: Buffer[] = [];
  for (let offset = 0; ; ) {
    const { records, highWatermark } = await fetchFrom(bootstrapServers, at, offset);
    const bytes = records ?? Buffer.alloc(0);
    for (let start = 0; start < bytes.length; ) {
      const size = wholeBatchSize(bytes, start, bytes.length);
      if (size <= 0) break;
      if (!hasValidCrc(bytes, start, size)) throw new Error(`the batch at ${offset} is damaged`);
      offset = lastOffset(bytes, start) + 1;
      batches.push(bytes.subarray(start, start + size));
      start += size;
    }
    if (offset >= highWatermark) return batches;
  }
}

/** The records of a partition, in the order in which they are stored. */
export async function recordsOf(bootstrapServers: string, at: Place): Promise<DecodedRecord[]> {
  return (await batchesOf(bootstrapServers, at)).flatMap((batch) => decodeRecords(batch));
}
