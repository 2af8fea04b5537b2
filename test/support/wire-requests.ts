import { API } from '../../src/protocol/api-keys.ts';
import type { Draft } from '../../src/protocol/frames.ts';
import type { ProduceResponsePartitionProduceResponse } from '../../src/protocol/schema/00-produce.ts';
import type {
  FetchRequest,
  FetchResponse,
  FetchResponsePartitionData,
} from '../../src/protocol/schema/01-fetch.ts';
import type { ListOffsetsResponseListOffsetsPartitionResponse } from '../../src/protocol/schema/02-list-offsets.ts';
import { ZERO_UUID } from '../../src/protocol/schema-dsl.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import type { WireClient } from './wire-client.ts';

/** A batch of `count` records of one idempotent producer. */
export function sequenced(
  producerId: number,
  producerEpoch: number,
  baseSequence: number,
  count = 1,
): Buffer {
  const records = Array.from({ length: count }, () => {
    return { value: Buffer.from('v'), timestamp: Date.now() };
  });
  return buildBatch(records, { producerId, producerEpoch, baseSequence });
}

export interface SendOptions {
  readonly version?: number;
  readonly acks?: number;
  readonly index?: number;
  readonly topicId?: string;
  readonly transactionalId?: string;
}

/** Produces bytes as they are and gives the answer for their partition. */
export async function send(
  client: WireClient,
  topic: string,
  records: Buffer | null,
  options: SendOptions = {},
): Promise<ProduceResponsePartitionProduceResponse> {
  const { version = 9, acks = -1, index = 0, topicId = ZERO_UUID } = options;
  const answer = await client.ask(API.PRODUCE, version, {
    transactionalId: options.transactionalId ?? null,
    acks,
    timeoutMs: 10_000,
    topicData: [{ name: topic, topicId, partitionData: [{ index, records }] }],
  });
  return answer.responses[0]!.partitionResponses[0]!;
}

/** What all tests ask of a fetch; `fields` says what is special about one. */
export function askFetch(
  client: WireClient,
  version: number,
  fields: Draft<FetchRequest>,
): Promise<FetchResponse> {
  return client.ask(API.FETCH, version, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 10_000_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [],
    forgottenTopicsData: [],
    rackId: '',
    ...fields,
  });
}

export interface FetchOptions {
  readonly version?: number;
  readonly partitionMaxBytes?: number;
  readonly currentLeaderEpoch?: number;
  readonly lastFetchedEpoch?: number;
  readonly fields?: Draft<FetchRequest>;
}

/** Fetches partition 0 of a topic from an offset. */
export async function fetchFrom(
  client: WireClient,
  topic: string,
  fetchOffset: number,
  options: FetchOptions = {},
): Promise<FetchResponsePartitionData> {
  const { version = 11, partitionMaxBytes = 1_000_000 } = options;
  const { currentLeaderEpoch = -1, lastFetchedEpoch = -1 } = options;
  const epochs = { currentLeaderEpoch, lastFetchedEpoch };
  const partition = { partition: 0, ...epochs, fetchOffset, partitionMaxBytes };
  const answer = await askFetch(client, version, {
    topics: [{ topic, partitions: [partition] }],
    ...options.fields,
  });
  return answer.responses[0]!.partitions[0]!;
}

/** ListOffsets for partition 0; -1 is the latest, -2 the earliest. */
export async function offsetAt(
  client: WireClient,
  topic: string,
  timestamp: number,
  currentLeaderEpoch = -1,
): Promise<ListOffsetsResponseListOffsetsPartitionResponse> {
  const partitions = [{ partitionIndex: 0, currentLeaderEpoch, timestamp }];
  const answer = await client.ask(API.LIST_OFFSETS, 9, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic, partitions }],
  });
  return answer.topics[0]!.partitions[0]!;
}

export async function topicIdOf(client: WireClient, name: string): Promise<string> {
  const answer = await client.ask(API.METADATA, 12, { topics: [{ name }] });
  return answer.topics[0]!.topicId;
}

export async function deleteTopic(client: WireClient, name: string): Promise<void> {
  const answer = await client.ask(API.DELETE_TOPICS, 5, { topicNames: [name], timeoutMs: 1000 });
  const { errorCode } = answer.responses[0]!;
  if (errorCode !== 0) throw new Error(`DeleteTopics: error ${errorCode}`);
}
