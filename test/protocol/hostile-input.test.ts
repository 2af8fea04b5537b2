import { expect, test } from 'vitest';
import { MillraceError } from '../../src/base/errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { allCodecs, codecFor } from '../../src/protocol/api-registry.ts';
import { ByteWriter } from '../../src/protocol/byte-writer.ts';
import { RequestHeader, readRequestHeader } from '../../src/protocol/header.ts';
import { encodeMessage } from '../../src/protocol/message-bytes.ts';
import { MAX_REQUEST_ELEMENTS, type MessageCodec } from '../../src/protocol/message-codec.ts';
import { randomMessage, seededRandom } from './random-message.ts';

function encoded(codec: MessageCodec<unknown>, version: number, seed: number): Buffer {
  const writer = new ByteWriter();
  writer.begin();
  codec.encoder(version)(writer, randomMessage(codec.schema, version, seededRandom(seed)));
  return Buffer.from(writer.finish());
}

/** Decodes, and allows nothing but success and a protocol error. */
function decodeOrRefuse(codec: MessageCodec<unknown>, version: number, bytes: Buffer): boolean {
  try {
    codec.decoder(version)(bytes, 0, bytes.length);
    return true;
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'MILLRACE_PROTOCOL') return false;
    throw error;
  }
}

function requestError(apiKey: 0 | 1 | 3 | 9 | 18, version: number, bytes: Buffer): string {
  try {
    codecFor(apiKey).request.decoder(version)(bytes, 0, bytes.length);
  } catch (error) {
    expect(error).toMatchObject({ code: 'MILLRACE_PROTOCOL' });
    return (error as MillraceError).message;
  }
  throw new Error('the message was accepted');
}

for (const api of allCodecs()) {
  test(`${api.name} cut off at any byte is refused in each version`, () => {
    for (const codec of [api.request, api.response]) {
      for (let version = api.lowestVersion; version <= api.latestVersion; version++) {
        const bytes = encoded(codec, version, 7);
        const step = Math.max(1, Math.floor(bytes.length / 200));
        for (let length = 0; length < bytes.length; length += step) {
          // A copy: what lies behind the cut must not be there to be read.
          expect(decodeOrRefuse(codec, version, Buffer.from(bytes.subarray(0, length)))).toBe(
            false,
          );
        }
      }
    }
  });

  test(`${api.name} with damaged bytes is read or refused, and nothing else`, () => {
    const random = seededRandom(api.key + 1000);
    for (const codec of [api.request, api.response]) {
      for (let version = api.lowestVersion; version <= api.latestVersion; version++) {
        const bytes = encoded(codec, version, 11);
        if (bytes.length === 0) continue;
        for (let round = 0; round < 60; round++) {
          const damaged = Buffer.from(bytes);
          for (let i = 0; i < 1 + (round % 3); i++) {
            const value = random() < 0.5 ? 0xff : Math.floor(random() * 256);
            damaged[Math.floor(random() * damaged.length)] = value;
          }
          decodeOrRefuse(codec, version, damaged);
        }
      }
    }
  });
}

test('decoders stop at the end they are given, not at that of the buffer', () => {
  const codec = codecFor(API.METADATA).request;
  const bytes = encoded(codec as MessageCodec<unknown>, 12, 3);
  for (let end = 0; end < bytes.length; end++) {
    expect(() => codec.decoder(12)(bytes, 0, end)).toThrow(MillraceError);
  }
});

test('a count that cannot fit is refused before anything is allocated', () => {
  // acks, timeout, then 2^31-1 topics.
  const old = Buffer.from('ffff' + '0001' + '00001388' + '7fffffff', 'hex');
  expect(requestError(API.PRODUCE, 3, old)).toBe(
    'ProduceRequest.topicData: 2147483647 elements do not fit into the 0 bytes that are left',
  );
  // A null transactional id, acks, timeout, then a compact count of 2^32-2 topics.
  const compact = Buffer.from('00' + '0001' + '00001388' + 'ffffffff0f' + '0000', 'hex');
  expect(requestError(API.PRODUCE, 9, compact)).toBe(
    'ProduceRequest.topicData: 4294967294 elements do not fit into the 2 bytes that are left',
  );
});

test('a count is held against the smallest element of its version', () => {
  // A fetch partition of version 4 has at least 16 bytes: 3 of them do not fit into 40.
  const head = `${'00'.repeat(17)}00000001000161`;
  const body = Buffer.from(`${head}00000003${'00'.repeat(40)}`, 'hex');
  expect(requestError(API.FETCH, 4, body)).toBe(
    'FetchRequest.topics[0].partitions: 3 elements do not fit into the 40 bytes that are left',
  );
});

test('a message with more elements than the limit is refused though the bytes are there', () => {
  // Topics of a metadata request of version 0 take two bytes each.
  const count = MAX_REQUEST_ELEMENTS + 1;
  const body = Buffer.alloc(4 + 2 * count);
  body.writeInt32BE(count, 0);
  expect(requestError(API.METADATA, 0, body)).toBe(
    'MetadataRequest.topics: the message has more than 16384 elements',
  );
});

test('numbers count as elements too: each that is asked for has an answer', () => {
  const count = MAX_REQUEST_ELEMENTS;
  const topics = [{ name: 'x', partitionIndexes: Array.from({ length: count }, () => 0) }];
  const body = encodeMessage(codecFor(API.OFFSET_FETCH).request.schema, 5, {
    groupId: 'g',
    topics,
  });
  expect(requestError(API.OFFSET_FETCH, 5, body)).toBe(
    'OffsetFetchRequest.topics[0].partitionIndexes: the message has more than 16384 elements',
  );
});

test('a negative length is null where null is allowed and an error elsewhere', () => {
  const noGroupOfTopics = Buffer.from('ffffffff', 'hex');
  expect(codecFor(API.METADATA).request.decoder(1)(noGroupOfTopics, 0, 4).topics).toBeNull();
  expect(requestError(API.METADATA, 0, noGroupOfTopics)).toBe(
    'MetadataRequest.topics: may not be null',
  );
});

test('a string longer than Kafka allows is refused', () => {
  const text = Buffer.alloc(40_000, 0x61);
  // 32769 as a varint: a compact string of 32768 bytes.
  const bytes = Buffer.concat([Buffer.from([0x81, 0x80, 0x02]), text]);
  expect(requestError(API.API_VERSIONS, 3, bytes)).toBe(
    'ApiVersionsRequest.clientSoftwareName: has a length of 32768 where the limit is 32767',
  );
});

test('a varint that does not end is refused', () => {
  const bytes = Buffer.alloc(40, 0xff);
  expect(requestError(API.API_VERSIONS, 3, bytes)).toBe(
    'ApiVersionsRequest.clientSoftwareName: a varint is cut off or too long',
  );
});

test('unknown tags are skipped, too many are refused', () => {
  const names = Buffer.from('0261' + '0262', 'hex');
  const tags = (count: number) =>
    Buffer.concat([
      names,
      Buffer.from(count < 128 ? [count] : [(count & 0x7f) | 0x80, count >> 7]),
      ...Array.from({ length: count }, () => Buffer.from('630161', 'hex')),
    ]);
  const accepted = tags(128);
  const request = codecFor(API.API_VERSIONS).request.decoder(3)(accepted, 0, accepted.length);
  expect(request).toStrictEqual({ clientSoftwareName: 'a', clientSoftwareVersion: 'b' });
  expect(requestError(API.API_VERSIONS, 3, tags(129))).toBe(
    'ApiVersionsRequest (tags): 129 tagged fields are too many',
  );
});

test('a tag whose size runs past the end, or is not that of its value, is refused', () => {
  const names = '0261' + '0262';
  const pastTheEnd = Buffer.from(`${names}01000a61`, 'hex');
  expect(requestError(API.API_VERSIONS, 3, pastTheEnd)).toContain('has a length of 10 where 1');
  const codec = codecFor(API.FETCH).request;
  const writer = new ByteWriter();
  writer.begin();
  codec.encoder(12)(writer, {
    ...(codec.decoder(12)(Buffer.from(`${'00'.repeat(25)}01010100`, 'hex'), 0, 29) as object),
    clusterId: 'abc',
  } as never);
  const bytes = Buffer.from(writer.finish());
  // The tag ends the message: count, tag, size, compact string.
  expect(bytes.subarray(-7).toString('hex')).toBe('01000404616263');
  bytes[bytes.length - 5] = 3;
  expect(requestError(API.FETCH, 12, bytes)).toContain('FetchRequest.clusterId');
});

test('an int64 that a double cannot hold is refused, but for the limits of Kafka', () => {
  const codec = codecFor(API.DELETE_RECORDS).request;
  const body = (offset: string) =>
    Buffer.from(`00000001${'000161'}00000001${'00000000'}${offset}${'00000000'}`, 'hex');
  const offsetOf = (offset: string) =>
    codec.decoder(0)(body(offset), 0, body(offset).length).topics[0]!.partitions[0]!.offset;
  expect(offsetOf('001fffffffffffff')).toBe(Number.MAX_SAFE_INTEGER);
  expect(offsetOf('ffe0000000000001')).toBe(Number.MIN_SAFE_INTEGER);
  expect(offsetOf('7fffffffffffffff')).toBe(Number.MAX_SAFE_INTEGER);
  expect(offsetOf('8000000000000000')).toBe(Number.MIN_SAFE_INTEGER);
  expect(offsetOf('ffffffffffffffff')).toBe(-1);
  for (const refused of ['0020000000000000', 'ffe0000000000000', '7ffffffffffffffe']) {
    expect(() => offsetOf(refused)).toThrow(
      /^DeleteRecordsRequest.topics\[0\].partitions\[0\].offset: -?\d+ is beyond/,
    );
  }
});

test('a header cut off at any byte is refused', () => {
  const bytes = Buffer.from('0012' + '0003' + '00000007' + '0003616263' + '01' + '050161', 'hex');
  const header = new RequestHeader();
  readRequestHeader(bytes, 0, bytes.length, header);
  expect(header).toMatchObject({ apiKey: 18, apiVersion: 3, correlationId: 7, clientId: 'abc' });
  expect(header.bodyStart).toBe(bytes.length);
  for (let end = 0; end < bytes.length; end++) {
    expect(() => readRequestHeader(bytes, 0, end, header)).toThrow(MillraceError);
  }
});

test('a header with 20 million tags is refused at once', () => {
  const bytes = Buffer.alloc(40 * 1024 * 1024);
  Buffer.from('0012' + '0003' + '00000007' + 'ffff' + '80dac409', 'hex').copy(bytes);
  expect(() => readRequestHeader(bytes, 0, bytes.length, new RequestHeader())).toThrow(
    'request header: 20000000 tagged fields are too many',
  );
});

test('a client id with a length below -1 is refused', () => {
  const bytes = Buffer.from('0003' + '0001' + '00000007' + 'fffe', 'hex');
  expect(() => readRequestHeader(bytes, 0, bytes.length, new RequestHeader())).toThrow(
    'request header: a client id has a length of -2',
  );
});
