import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { decodeRecords } from '../../src/records/record-iterator.ts';
import type { WireClient } from '../support/wire-client.ts';

export async function makeTopic(
  client: WireClient,
  name: string,
  partitions = 1,
  configs: Readonly<Record<string, string>> = {},
): Promise<number> {
  const answer = await client.ask(API.CREATE_TOPICS, 5, {
    topics: [
      {
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    timeoutMs: 10_000,
  });
  return answer.topics[0]!.errorCode;
}

export interface Produced {
  readonly error: number;
  readonly offset: number;
}

/** One record, all acknowledgements; the error is told, not thrown. */
export async function put(
  client: WireClient,
  topic: string,
  index: number,
  value: Buffer,
  acks = -1,
): Promise<Produced> {
  const records = buildBatch([{ key: null, value, timestamp: Date.now() }]);
  const answer = await client.ask(API.PRODUCE, 9, {
    transactionalId: null,
    acks,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index, records }] }],
  });
  const { errorCode, baseOffset } = answer.responses[0]!.partitionResponses[0]!;
  return { error: errorCode, offset: baseOffset };
}

export interface Got {
  readonly error: number;
  readonly highWatermark: number;
  readonly records: readonly { readonly offset: number; readonly value: Buffer | null }[];
}

export async function get(
  client: WireClient,
  topic: string,
  index: number,
  offset: number,
  bytesMax = 2_000_000,
): Promise<Got> {
  const answer = await client.ask(API.FETCH, 4, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: bytesMax,
    isolationLevel: 0,
    topics: [
      {
        topic,
        partitions: [{ partition: index, fetchOffset: offset, partitionMaxBytes: bytesMax }],
      },
    ],
  });
  const { errorCode, highWatermark, records } = answer.responses[0]!.partitions[0]!;
  const decoded = records === null || records.length === 0 ? [] : [...decodeRecords(records)];
  return { error: errorCode, highWatermark, records: decoded };
}

/** Every record from an offset on; throws what a fetch refuses. */
export async function getAll(client: WireClient, topic: string, index: number): Promise<string[]> {
  const values: string[] = [];
  for (;;) {
    const { error, highWatermark, records } = await get(client, topic, index, values.length);
    if (error !== 0) throw new Error(`${topic}-${index} at ${values.length}: error ${error}`);
    for (const { offset, value } of records) {
      if (offset < values.length) continue;
      if (offset !== values.length) throw new Error(`a hole before ${offset}`);
      values.push(value?.toString() ?? '');
    }
    if (values.length >= highWatermark) return values;
    if (records.length === 0) throw new Error(`nothing at ${values.length} of ${highWatermark}`);
  }
}
