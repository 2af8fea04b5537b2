import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import type { FetchResponse } from '../../src/protocol/schema/01-fetch.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { askFetch, send, topicIdOf } from '../support/wire-requests.ts';

let broker: EmbeddedBroker;
let client: WireClient;
const batch = buildBatch([{ value: Buffer.from('x') }]);

beforeAll(async () => {
  const config = { 'max.incremental.fetch.session.cache.slots': 3 };
  broker = await startBroker({ config });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
});

const at = (partition: number, fetchOffset = 0) => {
  return { partition, currentLeaderEpoch: -1, fetchOffset, partitionMaxBytes: 100_000 };
};

/** A new session over partition 0 of some topics. */
async function open(...names: string[]): Promise<FetchResponse> {
  const topics = names.map((topic) => ({ topic, partitions: [at(0)] }));
  const answer = await askFetch(client, 11, { sessionEpoch: 0, topics });
  expect(answer.errorCode).toBe(0);
  expect(answer.sessionId).toBeGreaterThan(0);
  return answer;
}

const topicsOf = (answer: FetchResponse) => answer.responses.map(({ topic }) => topic);

describe('a fetch session', () => {
  test('answers all at first, then only what is new', async () => {
    for (const name of ['a', 'b']) await createTopic(client, name);
    await send(client, 'b', batch);
    const first = await open('a', 'b');
    expect(topicsOf(first)).toEqual(['a', 'b']);
    const { sessionId } = first;
    const topics = [{ topic: 'b', partitions: [at(0, 1)] }];
    const second = await askFetch(client, 11, { sessionId, sessionEpoch: 1, topics });
    expect(second).toMatchObject({ errorCode: 0, sessionId, responses: [] });
    await send(client, 'a', batch);
    const third = await askFetch(client, 11, { sessionId, sessionEpoch: 2 });
    expect(topicsOf(third)).toEqual(['a']);
    expect(third.responses[0]!.partitions[0]!.records!.length).toBeGreaterThan(0);
  });

  test('tells of an end or a start of the log that moved without records', async () => {
    await createTopic(client, 'moved');
    await send(client, 'moved', batch);
    const { sessionId } = await open('moved');
    const topics = [{ topic: 'moved', partitions: [at(0, 1)] }];
    await askFetch(client, 11, { sessionId, sessionEpoch: 1, topics });
    await client.ask(API.DELETE_RECORDS, 2, {
      topics: [{ name: 'moved', partitions: [{ partitionIndex: 0, offset: 1 }] }],
      timeoutMs: 1000,
    });
    const answer = await askFetch(client, 11, { sessionId, sessionEpoch: 2 });
    const [partition] = answer.responses[0]!.partitions;
    expect(partition).toMatchObject({ errorCode: 0, logStartOffset: 1, highWatermark: 1 });
    expect(partition!.records).toHaveLength(0);
  });

  test('takes partitions in and forgets them', async () => {
    for (const name of ['stays', 'goes', 'comes']) await createTopic(client, name);
    const { sessionId } = await open('stays', 'goes');
    const changed = await askFetch(client, 11, {
      sessionId,
      sessionEpoch: 1,
      topics: [{ topic: 'comes', partitions: [at(0)] }],
      forgottenTopicsData: [{ topic: 'goes', partitions: [0] }],
    });
    expect(topicsOf(changed)).toEqual(['comes']);
    for (const name of ['stays', 'goes', 'comes']) await send(client, name, batch);
    const after = await askFetch(client, 11, { sessionId, sessionEpoch: 2 });
    expect(topicsOf(after).sort()).toEqual(['comes', 'stays']);
  });

  test('always answers an error, and at once', async () => {
    await createTopic(client, 'fine');
    const { sessionId } = await open('fine', 'never-made');
    for (let sessionEpoch = 1; sessionEpoch < 4; sessionEpoch++) {
      const fields = { sessionId, sessionEpoch, maxWaitMs: 250_000 };
      const answer = await askFetch(client, 11, fields);
      const [topic] = answer.responses;
      expect(answer.responses).toHaveLength(1);
      expect(topic!.partitions[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    }
  });

  test('refuses an epoch out of turn and a session that is not there', async () => {
    await createTopic(client, 'turns');
    const { sessionId } = await open('turns');
    for (const sessionEpoch of [2, 7]) {
      const answer = await askFetch(client, 11, { sessionId, sessionEpoch });
      expect(answer.errorCode).toBe(ERROR.INVALID_FETCH_SESSION_EPOCH);
      expect(answer.responses).toEqual([]);
    }
    expect((await askFetch(client, 11, { sessionId, sessionEpoch: 1 })).errorCode).toBe(0);
    const unknown = sessionId === 5 ? 6 : 5;
    const lost = await askFetch(client, 11, { sessionId: unknown, sessionEpoch: 1 });
    expect(lost).toMatchObject({ errorCode: ERROR.FETCH_SESSION_ID_NOT_FOUND, sessionId: 0 });
  });

  test('ends with epoch -1, and gives way to a new one with epoch 0', async () => {
    await createTopic(client, 'ends');
    const topics = [{ topic: 'ends', partitions: [at(0)] }];
    const { sessionId } = await open('ends');
    const last = await askFetch(client, 11, { sessionId, sessionEpoch: -1, topics });
    expect(last).toMatchObject({ errorCode: 0, sessionId: 0 });
    const gone = await askFetch(client, 11, { sessionId, sessionEpoch: 1 });
    expect(gone.errorCode).toBe(ERROR.FETCH_SESSION_ID_NOT_FOUND);
    const other = await open('ends');
    const next = await askFetch(client, 11, {
      sessionId: other.sessionId,
      sessionEpoch: 0,
      topics,
    });
    expect(next.sessionId).not.toBe(other.sessionId);
    const replaced = await askFetch(client, 11, { sessionId: other.sessionId, sessionEpoch: 1 });
    expect(replaced.errorCode).toBe(ERROR.FETCH_SESSION_ID_NOT_FOUND);
  });

  test('of names is none for a version of ids', async () => {
    await createTopic(client, 'versions');
    const { sessionId } = await open('versions');
    const topicId = await topicIdOf(client, 'versions');
    const answer = await askFetch(client, 13, {
      sessionId,
      sessionEpoch: 1,
      topics: [{ topicId, partitions: [at(0)] }],
    });
    expect(answer.errorCode).toBe(ERROR.FETCH_SESSION_TOPIC_ID_ERROR);
  });

  test('that was used longest ago makes room', async () => {
    await createTopic(client, 'crowd');
    const ids: number[] = [];
    for (let i = 0; i < 3; i++) ids.push((await open('crowd')).sessionId);
    // The first is used again, so the second is now the oldest.
    const [first, second, third] = ids;
    expect((await askFetch(client, 11, { sessionId: first!, sessionEpoch: 1 })).errorCode).toBe(0);
    await open('crowd');
    const codes = [];
    for (const [sessionId, sessionEpoch] of [
      [first, 2],
      [second, 1],
      [third, 1],
    ]) {
      const fields = { sessionId: sessionId!, sessionEpoch: sessionEpoch! };
      codes.push((await askFetch(client, 11, fields)).errorCode);
    }
    expect(codes).toEqual([0, ERROR.FETCH_SESSION_ID_NOT_FOUND, 0]);
  });
});
