import { expect, test } from 'vitest';
import {
  decodeRecordKey,
  decodeVersioned,
  decodeVersionedLenient,
  encodeMessage,
  encodeRecordKey,
  encodeVersioned,
  prefixOf,
} from '../../src/protocol/message-bytes.ts';
import { CONSUMER_PROTOCOL_SUBSCRIPTION } from '../../src/protocol/schema/consumer-protocol.ts';
import {
  GROUP_METADATA_KEY,
  OFFSET_COMMIT_KEY,
  OFFSET_COMMIT_VALUE,
} from '../../src/protocol/schema/records-classic-group.ts';
import { CONSUMER_GROUP_METADATA_VALUE } from '../../src/protocol/schema/records-consumer-group.ts';
import { STREAMS_GROUP_METADATA_VALUE } from '../../src/protocol/schema/records-streams-group.ts';

test('the key of a coordinator record has its type in front', () => {
  const key = encodeRecordKey(OFFSET_COMMIT_KEY, { group: 'g', topic: 't', partition: 3 });
  expect(key.toString('hex')).toBe(`0001${'000167'}${'000174'}00000003`);
  expect(prefixOf(key)).toBe(OFFSET_COMMIT_KEY.recordType);
  expect(decodeRecordKey(OFFSET_COMMIT_KEY, key)).toEqual({ group: 'g', topic: 't', partition: 3 });
  expect(encodeRecordKey(GROUP_METADATA_KEY, { group: 'g' }).toString('hex')).toBe('0002000167');
});

test('the value of a coordinator record has its version in front', () => {
  const value = encodeVersioned(OFFSET_COMMIT_VALUE, 3, {
    offset: 7,
    leaderEpoch: 2,
    metadata: 'm',
    commitTimestamp: 1000,
  });
  expect(value.toString('hex')).toBe(
    `0003${'0000000000000007'}00000002${'00016d'}00000000000003e8`,
  );
  expect(decodeVersioned(OFFSET_COMMIT_VALUE, value)).toMatchObject({ offset: 7, metadata: 'm' });
});

test('a value of an unknown version is refused', () => {
  const value = Buffer.from('0063', 'hex');
  expect(() => decodeVersioned(OFFSET_COMMIT_VALUE, value)).toThrow(
    'OffsetCommitValue has no version 99, only 0-4',
  );
});

test('the metadata of a newer consumer is read as the latest version that is known', () => {
  const known = encodeVersioned(CONSUMER_PROTOCOL_SUBSCRIPTION, 3, {
    topics: ['a'],
    userData: null,
    rackId: 'r',
  });
  const newer = Buffer.concat([known, Buffer.from('more')]);
  newer.writeInt16BE(9, 0);
  const read = decodeVersionedLenient(CONSUMER_PROTOCOL_SUBSCRIPTION, newer);
  expect(read).toMatchObject({ topics: ['a'], rackId: 'r', generationId: -1 });
});

test('a body without a version in front is only its fields', () => {
  expect(encodeMessage(GROUP_METADATA_KEY, 0, { group: 'g' }).toString('hex')).toBe('000167');
});

test('a message too short for its version is refused', () => {
  expect(() => prefixOf(Buffer.from([1]))).toThrow('a message ends inside its version');
});

test('a hash that a double cannot hold is read as none, others as they are', () => {
  for (const [schema, tagged] of [
    [STREAMS_GROUP_METADATA_VALUE, ''],
    [CONSUMER_GROUP_METADATA_VALUE, '01' + '00' + '08'],
  ] as const) {
    const end = tagged === '' ? '00' : '';
    const read = (hash: string) => {
      const bytes = Buffer.from(`0000${'00000005'}${tagged}${hash}${end}`, 'hex');
      return decodeVersioned<{ epoch: number; metadataHash: number }>(schema as never, bytes);
    };
    expect(read('f123456789abcdef')).toMatchObject({ epoch: 5, metadataHash: 0 });
    expect(read('0000000000000007')).toMatchObject({ epoch: 5, metadataHash: 7 });
  }
});
