import { expect, test } from 'vitest';
import { MillraceError } from '../../src/base/errors.ts';
import { API, type ApiKey } from '../../src/protocol/api-keys.ts';
import type { RequestOf } from '../../src/protocol/api-registry.ts';
import { codecFor } from '../../src/protocol/api-registry.ts';
import { type Draft, encodeRequest, encodeResponseFrame } from '../../src/protocol/frames.ts';

const HEADER = { correlationId: 1, clientId: 'test' };

function refusal<Key extends ApiKey>(key: Key, version: number, body: unknown): string {
  try {
    encodeRequest(key, version, HEADER, body as Draft<RequestOf<Key>>);
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    return (error as MillraceError).message;
  }
  throw new Error('the message was accepted');
}

const produce = (partition: object) => ({
  acks: 1,
  timeoutMs: 1,
  topicData: [
    { name: 'a', partitionData: [] },
    { name: 'b', partitionData: [{ index: 0, records: null }, partition] },
  ],
});

test('a missing field is named with its path', () => {
  expect(refusal(API.PRODUCE, 9, produce({ records: null }))).toBe(
    'ProduceRequest.topicData[1].partitionData[1].index is missing',
  );
  expect(refusal(API.HEARTBEAT, 4, { groupId: 'g', generationId: 1 })).toBe(
    'HeartbeatRequest.memberId is missing',
  );
});

test('a value of another type is named with what it is', () => {
  expect(refusal(API.PRODUCE, 9, produce({ index: 'x', records: null }))).toBe(
    'ProduceRequest.topicData[1].partitionData[1].index must be an int32, not "x"',
  );
  expect(refusal(API.PRODUCE, 9, produce({ index: 0, records: 'text' }))).toBe(
    'ProduceRequest.topicData[1].partitionData[1].records must be a Buffer, not "text"',
  );
  expect(refusal(API.METADATA, 12, { topics: 'all' })).toBe(
    'MetadataRequest.topics must be an array, not "all"',
  );
  expect(refusal(API.METADATA, 12, { topics: [7] })).toBe(
    'MetadataRequest.topics[0] must be an object, not 7',
  );
  expect(refusal(API.METADATA, 12, { topics: [], allowAutoTopicCreation: 1 })).toBe(
    'MetadataRequest.allowAutoTopicCreation must be a boolean, not 1',
  );
  expect(refusal(API.FIND_COORDINATOR, 4, { coordinatorKeys: ['a', {}] })).toBe(
    'FindCoordinatorRequest.coordinatorKeys[1] must be a string, not a Object',
  );
});

test('null is refused where the version does not allow it', () => {
  expect(refusal(API.METADATA, 0, { topics: null })).toBe(
    'MetadataRequest.topics may not be null in this version',
  );
  expect(refusal(API.HEARTBEAT, 4, { groupId: null, generationId: 1, memberId: '' })).toBe(
    'HeartbeatRequest.groupId may not be null in this version',
  );
});

test('a number out of range is refused', () => {
  const fetch = (change: object) => ({ maxWaitMs: 1, minBytes: 1, topics: [], ...change });
  expect(refusal(API.FETCH, 12, fetch({ maxWaitMs: 2 ** 31 }))).toContain('an int32');
  expect(refusal(API.FETCH, 12, fetch({ maxWaitMs: 0.5 }))).toContain('an int32');
  expect(refusal(API.FETCH, 12, fetch({ maxWaitMs: Number.NaN }))).toContain('an int32');
  expect(refusal(API.FETCH, 12, fetch({ isolationLevel: 128 }))).toContain('an int8');
  expect(refusal(API.PRODUCE, 9, { acks: 40_000, timeoutMs: 1, topicData: [] })).toContain(
    'ProduceRequest.acks must be an int16, not 40000',
  );
  const offsets = (offset: number) => ({
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset }] }],
    timeoutMs: 1,
  });
  expect(refusal(API.DELETE_RECORDS, 2, offsets(2 ** 53))).toContain('an int64');
  expect(refusal(API.DELETE_RECORDS, 2, offsets(Number.POSITIVE_INFINITY))).toContain('an int64');
});

test('the largest and smallest safe integers are written as the limits of an int64', () => {
  const encode = (offset: number) =>
    encodeRequest(API.DELETE_RECORDS, 0, HEADER, {
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset }] }],
      timeoutMs: 1,
    }).toString('hex');
  expect(encode(Number.MAX_SAFE_INTEGER)).toContain('7fffffffffffffff');
  expect(encode(Number.MIN_SAFE_INTEGER)).toContain('8000000000000000');
  expect(encode(Number.MAX_SAFE_INTEGER - 1)).toContain('001ffffffffffffe');
  expect(encode(-1)).toContain('ffffffffffffffff');
});

test('a text that is no uuid is refused', () => {
  const withId = (topicId: unknown) => ({ topics: [{ topicId, name: null }] });
  for (const bad of ['', 'short', 'A'.repeat(23), `${'A'.repeat(21)}!`, 'é'.repeat(22), 7]) {
    expect(refusal(API.METADATA, 12, withId(bad))).toContain(
      'MetadataRequest.topics[0].topicId must be a uuid of 22 characters',
    );
  }
  // The last four bits of 22 characters are beyond the 16 bytes: only zero is the one way.
  expect(refusal(API.METADATA, 12, withId(`${'A'.repeat(21)}B`))).toContain('must be a uuid');
});

test('a string of more than 32767 bytes is refused in either encoding', () => {
  const group = (groupId: string) => ({ groupId, generationId: 1, memberId: '' });
  for (const version of [3, 4]) {
    const text = 'HeartbeatRequest.groupId is a string of more than 32767 bytes';
    expect(refusal(API.HEARTBEAT, version, group('a'.repeat(32768)))).toBe(text);
    expect(refusal(API.HEARTBEAT, version, group('é'.repeat(16384)))).toBe(text);
    const longest = encodeRequest(API.HEARTBEAT, version, HEADER, group('a'.repeat(32767)));
    const header = 10 + HEADER.clientId.length + (version === 4 ? 1 : 0);
    const decoded = codecFor(API.HEARTBEAT).request.decoder(version);
    expect(decoded(longest, header, longest.length).groupId.length).toBe(32767);
  }
});

test('a value that the version cannot carry is refused unless the schema lets it go', () => {
  const heartbeat = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: 'static' };
  expect(refusal(API.HEARTBEAT, 2, heartbeat)).toBe(
    'HeartbeatRequest.groupInstanceId has a value that version 2 cannot carry',
  );
  const frame = encodeResponseFrame(API.HEARTBEAT, 0, 1, { throttleTimeMs: 100, errorCode: 0 });
  expect(frame.length).toBe(4 + 4 + 2);
});

test('a version that does not exist is refused by both directions', () => {
  const { request, response } = codecFor(API.FETCH);
  for (const version of [-1, 3, 19, 1.5, Number.NaN]) {
    expect(() => request.decoder(version)).toThrow(`FetchRequest has no version ${version}`);
    expect(() => response.encoder(version)).toThrow(
      `FetchResponse has no version ${version}, only 4-18`,
    );
  }
});

test('an API that does not exist is refused', () => {
  expect(() => codecFor(4 as ApiKey)).toThrow('there is no API with the key 4');
});

test('an encoder that threw leaves nothing behind', () => {
  const good = encodeResponseFrame(API.HEARTBEAT, 4, 1, { errorCode: 0 });
  const copy = Buffer.from(good);
  const records = Buffer.alloc(4096);
  for (let i = 0; i < 100; i++) {
    refusal(API.PRODUCE, 9, produce({ index: 'x', records }));
  }
  expect(good.equals(copy)).toBe(true);
  expect(encodeResponseFrame(API.HEARTBEAT, 4, 1, { errorCode: 0 }).equals(copy)).toBe(true);
});
