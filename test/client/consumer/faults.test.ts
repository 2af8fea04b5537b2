import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { Consumer } from '../../../src/client/consumer/consumer.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { RequestOf, ResponseOf } from '../../../src/protocol/api-registry.ts';
import { type Draft, encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { apiVersions, FakeBroker, type SeenRequest } from '../fake-broker.ts';
import { textOf } from './records-in.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const AT = { topic: 'orders', partition: 0 };
const END_OFFSET = 10;
const SERVED = {
  [API.METADATA]: 12,
  [API.FIND_COORDINATOR]: 4,
  [API.OFFSET_FETCH]: 9,
  [API.OFFSET_COMMIT]: 9,
  [API.LIST_OFFSETS]: 7,
  [API.FETCH]: 13,
};

type FetchRequest = RequestOf<typeof API.FETCH>;
type PartitionAnswer = Draft<
  ResponseOf<typeof API.FETCH>['responses'][number]['partitions'][number]
>;

interface Script {
  readonly offsetFetchErrors?: number[];
  /** What a fetch from the offset is answered; undefined is the log's answer. */
  readonly fetch?: (offset: number, epoch: number) => PartitionAnswer | undefined;
}

/** A broker with one partition of ten records, whose log says what a script does not. */
async function scripted({ offsetFetchErrors = [], fetch }: Script) {
  const place = { port: 0 };
  const broker = await FakeBroker.start((request) => {
    const { apiKey, version, correlationId } = request;
    if (apiKey === API.API_VERSIONS) return apiVersions(request, SERVED);
    const answer = answerTo(request, place.port, offsetFetchErrors, fetch);
    return encodeResponseFrame(apiKey as typeof API.METADATA, version, correlationId, answer);
  });
  place.port = broker.port;
  return broker;
}

function answerTo(
  { apiKey, body }: SeenRequest,
  port: number,
  offsetFetchErrors: number[],
  fetch: Script['fetch'],
): Draft<ResponseOf<typeof API.METADATA>> {
  const node = { nodeId: 1, host: '127.0.0.1', port };
  if (apiKey === API.METADATA) {
    const partition = { errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 3 };
    const rest = { replicaNodes: [1], isrNodes: [1], offlineReplicas: [] };
    const partitions = [{ ...partition, ...rest }];
    const topics = [
      { errorCode: 0, name: 'orders', topicId: TOPIC_ID, isInternal: false, partitions },
    ];
    return { brokers: [{ ...node, rack: null }], clusterId: 'fake', controllerId: 1, topics };
  }
  if (apiKey === API.FIND_COORDINATOR) {
    return { coordinators: [{ key: 'g', ...node, errorCode: 0, errorMessage: null }] } as never;
  }
  if (apiKey === API.OFFSET_FETCH) {
    const errorCode = offsetFetchErrors.shift() ?? 0;
    const committed = { committedOffset: 4, committedLeaderEpoch: 2, metadata: '' };
    const partitions = [{ partitionIndex: 0, ...committed, errorCode: 0 }];
    const topics = errorCode === 0 ? [{ name: 'orders', partitions }] : [];
    return { groups: [{ groupId: 'g', topics, errorCode }] } as never;
  }
  if (apiKey === API.LIST_OFFSETS) {
    const partitions = [{ partitionIndex: 0, errorCode: 0, timestamp: -1, offset: 0 }];
    return { topics: [{ name: 'orders', partitions }] } as never;
  }
  return fetchAnswer(body as FetchRequest, fetch) as never;
}

function fetchAnswer({ topics }: FetchRequest, fetch: Script['fetch']) {
  const asked = topics[0]?.partitions[0];
  const answer = { errorCode: 0, sessionId: 0, responses: [] };
  if (asked === undefined) return answer;
  const { fetchOffset, lastFetchedEpoch } = asked;
  const state = { highWatermark: END_OFFSET, abortedTransactions: null };
  const scriptedAnswer = fetch?.(fetchOffset, lastFetchedEpoch);
  const records = fetchOffset < END_OFFSET ? recordAt(fetchOffset) : Buffer.alloc(0);
  const data = { partitionIndex: 0, errorCode: 0, ...state, records, ...scriptedAnswer };
  return { ...answer, responses: [{ topicId: TOPIC_ID, partitions: [data] }] };
}

function recordAt(baseOffset: number): Buffer {
  const value = Buffer.from(`value ${baseOffset}`);
  return buildBatch([{ value, timestamp: 1 }], { baseOffset, leaderEpoch: 3 });
}

function reader({ port }: FakeBroker, more = {}) {
  const quick = { retryBackoffMs: 2, retryBackoffMaxMs: 5, fetchMaxWaitMs: 5 };
  const bootstrapServers = `127.0.0.1:${port}`;
  const options = { autoOffsetReset: 'earliest', enableAutoCommit: false } as const;
  return new Consumer({ bootstrapServers, ...quick, ...options, ...more });
}

async function first(consumer: Consumer): Promise<string | null> {
  for await (const record of consumer) return textOf(record.value);
  return null;
}

describe('a consumer in trouble', () => {
  it('never resets its offset by an error that passes', async () => {
    const offsetFetchErrors = [
      ERROR.COORDINATOR_LOAD_IN_PROGRESS,
      ERROR.NOT_COORDINATOR,
      ERROR.UNSTABLE_OFFSET_COMMIT,
      ERROR.STALE_MEMBER_EPOCH,
    ];
    await using broker = await scripted({ offsetFetchErrors });
    await using consumer = reader(broker, { groupId: 'g' });
    consumer.assign([AT]);
    expect(await first(consumer)).toBe('value 4');
    expect(broker.requests.some(({ apiKey }) => apiKey === API.LIST_OFFSETS)).toBe(false);
  });

  it('waits out what leaders that move answer', async () => {
    const errors: number[] = [
      ERROR.NOT_LEADER_OR_FOLLOWER,
      ERROR.FENCED_LEADER_EPOCH,
      ERROR.UNKNOWN_TOPIC_ID,
      ERROR.OFFSET_NOT_AVAILABLE,
      ERROR.UNKNOWN_LEADER_EPOCH,
    ];
    await using broker = await scripted({
      fetch: () => {
        const errorCode = errors.shift();
        return errorCode === undefined ? undefined : { errorCode, records: null };
      },
    });
    await using consumer = reader(broker);
    consumer.assign([AT]);
    consumer.seek(AT, 6);
    expect(await first(consumer)).toBe('value 6');
    expect(broker.requests.some(({ apiKey }) => apiKey === API.LIST_OFFSETS)).toBe(false);
  });

  it('goes back to where its log and the leader part, or says so', async () => {
    const cut = { divergingEpoch: { epoch: 2, endOffset: 2 }, records: null };
    const fetch = (offset: number, epoch: number) => {
      return offset === 4 && epoch === 2 ? cut : undefined;
    };
    await using broker = await scripted({ fetch });
    await using consumer = reader(broker, { groupId: 'g' });
    consumer.assign([AT]);
    expect(await first(consumer)).toBe('value 2');
    await using strict = reader(broker, { groupId: 'g', autoOffsetReset: 'none' });
    strict.assign([AT]);
    await expect(first(strict)).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      message: 'partition orders-0: the log was cut at 2, before 4',
    });
  });

  it('says which batch is damaged, and goes on where it is told', async () => {
    const damaged = recordAt(4);
    damaged[damaged.length - 2]! ^= 1;
    await using broker = await scripted({
      fetch: (offset) => (offset === 4 ? { records: damaged } : undefined),
    });
    await using consumer = reader(broker);
    consumer.assign([AT]);
    consumer.seek(AT, 4);
    const corrupt = { code: 'CORRUPT_MESSAGE', topic: 'orders', partition: 0 };
    await expect(first(consumer)).rejects.toMatchObject(corrupt);
    await expect(first(consumer)).rejects.toMatchObject(corrupt);
    consumer.seek(AT, 5);
    expect(await first(consumer)).toBe('value 5');
  });

  it('tells the loop of an error that stays', async () => {
    const errorCode = ERROR.TOPIC_AUTHORIZATION_FAILED;
    await using broker = await scripted({ fetch: () => ({ errorCode, records: null }) });
    await using consumer = reader(broker);
    consumer.assign([AT]);
    await expect(first(consumer)).rejects.toMatchObject({
      code: 'TOPIC_AUTHORIZATION_FAILED',
      category: 'invalid-configuration',
      topic: 'orders',
      partition: 0,
    });
  });
});
