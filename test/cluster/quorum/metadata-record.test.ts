import { expect, test } from 'vitest';
import { isCorrupt } from '../../../src/base/errors.ts';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
} from '../../../src/cluster/quorum/metadata-record.ts';
import {
  type KraftRecord,
  METADATA_RECORD_TABLE,
} from '../../../src/protocol/metadata-record-table.ts';
import type { MessageSchema } from '../../../src/protocol/schema-dsl.ts';
import { parseVersions } from '../../../src/protocol/version-range.ts';
import { randomMessage, seededRandom } from '../../protocol/random-message.ts';
import { topic } from '../kraft-records.ts';

const TABLE = Object.entries<MessageSchema<unknown>>(METADATA_RECORD_TABLE);

test.each(TABLE)('%s is read as it was written, in every version', (kind, schema) => {
  const { lowest, highest } = parseVersions(schema.versions);
  const random = seededRandom(schema.recordType);
  for (let version = lowest; version <= highest; version++) {
    for (let round = 0; round < 10; round++) {
      const record = { kind, body: randomMessage(schema, version, random) } as KraftRecord;
      const bytes = encodeMetadataRecord(record, version);
      expect(decodeMetadataRecord(bytes, 0)).toEqual(record);
    }
  }
});

test('a record that this version does not know is an error and not skipped', () => {
  const read =
    (...bytes: number[]) =>
    () =>
      decodeMetadataRecord(Buffer.from(bytes), 77);
  expect(read(1, 100, 0)).toThrow('offset 77 of the metadata log has type 100');
  expect(read(1, 2, 9, 0)).toThrow('TopicRecord has no version 9');
  expect(read(2, 2, 0)).toThrow('has frame version 2');
  expect(read()).toThrow('has frame version');
  expect(read(1)).toThrow('ends inside its type');
  expect(read(1, 2)).toThrow('ends inside its version');
});

test('bytes that were changed anywhere are read or refused, and nothing else happens', () => {
  const random = seededRandom(5);
  const whole = encodeMetadataRecord(topic('a-topic-with-a-name'), 0);
  let refused = 0;
  for (let round = 0; round < 5000; round++) {
    const bytes = Buffer.from(whole.subarray(0, Math.floor(random() * (whole.length + 1))));
    if (bytes.length > 0) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    try {
      decodeMetadataRecord(bytes, 0);
    } catch (thrown) {
      expect(isCorrupt(thrown)).toBe(true);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(3000);
});
