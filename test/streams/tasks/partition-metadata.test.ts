import { expect, it } from 'vitest';
import {
  decodePartitionMetadata,
  encodePartitionMetadata,
} from '#millrace/streams/tasks/partition-metadata';

const NONE = { partitionTime: -1, marks: new Map() };

it('writes what TopicPartitionMetadata of Kafka writes', () => {
  const plain = encodePartitionMetadata({ partitionTime: 7, marks: new Map() });
  expect(Buffer.from(plain, 'base64').toString('hex')).toBe('020000000000000007');
  const marked = encodePartitionMetadata({ partitionTime: -1, marks: new Map([['ab', 258]]) });
  const hex = '02ffffffffffffffff00000001000000026162' + '0000000000000102';
  expect(Buffer.from(marked, 'base64').toString('hex')).toBe(hex);
});

it('reads what it writes', () => {
  const marks = new Map([
    ['key1', 1],
    ['schlüssel', 2 ** 40],
  ]);
  const metadata = { partitionTime: 1_234_567, marks };
  expect(decodePartitionMetadata(encodePartitionMetadata(metadata))).toEqual(metadata);
});

it('reads version 1, which has no marks', () => {
  const text = Buffer.from('01000000000000000a', 'hex').toString('base64');
  expect(decodePartitionMetadata(text)).toEqual({ partitionTime: 10, marks: new Map() });
});

it('shouldReturnUnknownTimestampIfInvalidMetadata', () => {
  for (const text of ['', 'none of ours', '{}', 'AQ==', 'Aw==', 'AwAAAAAAAAAK']) {
    expect(decodePartitionMetadata(text)).toEqual(NONE);
  }
  const cut = Buffer.from('02000000000000000a00000001000000ff61', 'hex').toString('base64');
  expect(decodePartitionMetadata(cut)).toEqual({ partitionTime: 10, marks: new Map() });
});
