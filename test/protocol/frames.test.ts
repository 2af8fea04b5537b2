import { expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  encodeResponseChunks,
  encodeResponseFrame,
} from '../../src/protocol/frames.ts';
import {
  RequestHeader,
  readRequestHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from '../../src/protocol/header.ts';

const HEADER = { correlationId: 42, clientId: 'test' };

function fetchBody(sizes: readonly number[]) {
  const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ';
  const partitions = sizes.map((size, partitionIndex) => ({
    partitionIndex,
    errorCode: 0,
    highWatermark: 9,
    abortedTransactions: null,
    records: Buffer.alloc(size, partitionIndex + 1),
  }));
  return { responses: [{ topicId, partitions }] };
}

test('a request comes back with its header', () => {
  const bytes = encodeRequest(API.FIND_COORDINATOR, 4, HEADER, { coordinatorKeys: ['a', 'b'] });
  const { header, body } = decodeRequest(API.FIND_COORDINATOR, 4, bytes);
  expect(header).toMatchObject({ apiKey: 10, apiVersion: 4, ...HEADER });
  expect(body).toStrictEqual({ key: '', keyType: 0, coordinatorKeys: ['a', 'b'] });
});

test('a request without a client id has null in its header', () => {
  const header = { correlationId: -1, clientId: null };
  const bytes = encodeRequest(API.LIST_GROUPS, 0, header, {});
  expect(bytes.toString('hex')).toBe(`00100000${'ffffffff'}ffff`);
  expect(decodeRequest(API.LIST_GROUPS, 0, bytes).header.clientId).toBeNull();
});

test('a client id that is not ASCII is read as UTF-8', () => {
  const header = { correlationId: 1, clientId: 'größe' };
  const bytes = encodeRequest(API.HEARTBEAT, 0, header, {
    groupId: 'g',
    generationId: 1,
    memberId: 'm',
  });
  expect(decodeRequest(API.HEARTBEAT, 0, bytes).header.clientId).toBe('größe');
});

test('one header object follows the client ids of one connection', () => {
  const header = new RequestHeader();
  for (const clientId of ['first', 'first', 'other', null, 'last-one']) {
    const bytes = encodeRequest(API.LIST_GROUPS, 3, { correlationId: 1, clientId }, {});
    readRequestHeader(bytes, 0, bytes.length, header);
    expect(header.clientId).toBe(clientId);
  }
});

test('a response comes back with its correlation id', () => {
  const bytes = encodeResponse(API.HEARTBEAT, 4, 42, { errorCode: 27 });
  const { correlationId, body } = decodeResponse(API.HEARTBEAT, 4, bytes);
  expect(correlationId).toBe(42);
  expect(body).toStrictEqual({ throttleTimeMs: 0, errorCode: 27 });
});

test('the answer to ApiVersions has a header without tags in every version', () => {
  expect(responseHeaderVersion(API.API_VERSIONS, 4)).toBe(0);
  expect(requestHeaderVersion(API.API_VERSIONS, 4)).toBe(2);
  const bytes = encodeResponse(API.API_VERSIONS, 3, 5, { errorCode: 35, apiKeys: [] });
  expect(bytes.toString('hex')).toBe(`00000005${'0023'}${'01'}${'00000000'}00`);
  expect(decodeResponse(API.API_VERSIONS, 3, bytes).body.errorCode).toBe(35);
});

test('flexible versions have tags in both headers, others in neither', () => {
  expect(requestHeaderVersion(API.PRODUCE, 8)).toBe(1);
  expect(responseHeaderVersion(API.PRODUCE, 8)).toBe(0);
  expect(requestHeaderVersion(API.PRODUCE, 9)).toBe(2);
  expect(responseHeaderVersion(API.PRODUCE, 9)).toBe(1);
  // SaslHandshake has no flexible version.
  expect(requestHeaderVersion(API.SASL_HANDSHAKE, 1)).toBe(1);
});

test('the header of an unknown API or version is read up to the client id', () => {
  const header = new RequestHeader();
  const unknown = Buffer.from(`03e7${'0063'}00000007${'0001'}61${'ffffffff'}`, 'hex');
  readRequestHeader(unknown, 0, unknown.length, header);
  expect(header).toEqual({
    apiKey: 999,
    apiVersion: 99,
    correlationId: 7,
    clientId: 'a',
    bodyStart: 11,
  });
  const newer = Buffer.from(`0012${'0063'}00000007${'0001'}61${'00'}ff`, 'hex');
  readRequestHeader(newer, 0, newer.length, header);
  expect(header).toMatchObject({ apiKey: 18, apiVersion: 99, bodyStart: 12 });
});

test('a header is read where it lies in a larger buffer', () => {
  const bytes = encodeRequest(API.METADATA, 12, HEADER, { topics: null });
  const inside = Buffer.concat([Buffer.alloc(5, 0xff), bytes, Buffer.alloc(5, 0xff)]);
  const header = new RequestHeader();
  readRequestHeader(inside, 5, 5 + bytes.length, header);
  expect(header).toMatchObject({ apiKey: 3, correlationId: 42, bodyStart: 5 + 10 + 4 + 1 });
});

test('bytes behind the body are ignored, as Kafka does', () => {
  const bytes = encodeRequest(API.LIST_GROUPS, 3, HEADER, {});
  const longer = Buffer.concat([bytes, Buffer.from('extra')]);
  expect(decodeRequest(API.LIST_GROUPS, 3, longer).body).toStrictEqual({
    statesFilter: [],
    typesFilter: [],
  });
});

test('a frame begins with the length of what follows', () => {
  const frame = encodeResponseFrame(API.HEARTBEAT, 4, 42, { errorCode: 0 });
  expect(frame.toString('hex')).toBe(`0000000c${'0000002a'}${'00'}${'00000000'}${'0000'}00`);
  expect(frame.readInt32BE(0)).toBe(frame.length - 4);
});

test('frames stay as they are when later ones are encoded', () => {
  const frames: Buffer[] = [];
  const copies: Buffer[] = [];
  for (let i = 0; i < 200; i++) {
    const frame = encodeResponseFrame(API.FETCH, 16, i, fetchBody([i * 10]));
    frames.push(frame);
    copies.push(Buffer.from(frame));
  }
  expect(frames.every((frame, i) => frame.equals(copies[i]!))).toBe(true);
});

test('the chunks of a response make up its frame', () => {
  for (const sizes of [[], [0], [1023], [1024], [5000, 3, 100_000], [1024, 2048, 4096]]) {
    const body = fetchBody(sizes);
    const chunks = encodeResponseChunks(API.FETCH, 16, 7, body);
    const frame = encodeResponseFrame(API.FETCH, 16, 7, body);
    expect(Buffer.concat(chunks).equals(frame), `${sizes}`).toBe(true);
  }
});

test('large records are handed on as they are, small ones are copied', () => {
  const body = fetchBody([5000, 3, 2000]);
  const chunks = encodeResponseChunks(API.FETCH, 16, 7, body);
  const records = body.responses[0]!.partitions.map((each) => each.records);
  expect(chunks.includes(records[0]!)).toBe(true);
  expect(chunks.includes(records[1]!)).toBe(false);
  expect(chunks.includes(records[2]!)).toBe(true);
  expect(chunks.length).toBe(5);
});

test('records are views of the request, not copies', () => {
  const records = Buffer.from('record batch');
  const bytes = encodeRequest(API.PRODUCE, 9, HEADER, {
    acks: 1,
    timeoutMs: 10,
    topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
  });
  const { body } = decodeRequest(API.PRODUCE, 9, bytes);
  const view = body.topicData[0]!.partitionData[0]!.records!;
  expect(view.equals(records)).toBe(true);
  expect(view.buffer).toBe(bytes.buffer);
});

test('fields that a version lacks have their defaults', () => {
  const bytes = encodeRequest(API.PRODUCE, 3, HEADER, {
    acks: -1,
    timeoutMs: 10,
    topicData: [{ name: 't', partitionData: [] }],
  });
  expect(decodeRequest(API.PRODUCE, 3, bytes).body.topicData[0]!.topicId).toBe(
    'AAAAAAAAAAAAAAAAAAAAAA',
  );
});
