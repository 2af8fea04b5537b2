import { encodeMetadataRecord } from '../../src/cluster/quorum/metadata-record.ts';
import type { KraftRecord } from '../../src/protocol/metadata-record-table.ts';
import { METADATA_RECORD_TABLE } from '../../src/protocol/metadata-record-table.ts';
import { parseVersions } from '../../src/protocol/version-range.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { defaultMessage } from '../protocol/random-message.ts';

export type Kind = KraftRecord['kind'];

/** A record of the metadata log with these fields and defaults in the others. */
export function kraft(kind: Kind, fields: object = {}): KraftRecord {
  const schema = METADATA_RECORD_TABLE[kind];
  const version = parseVersions(schema.versions).highest;
  const body = defaultMessage(schema as never, version) as object;
  return { kind, body: { ...body, ...fields } } as KraftRecord;
}

/** A batch of the metadata log. */
export function batchOf(baseOffset: number, leaderEpoch: number, records: readonly KraftRecord[]) {
  const values = records.map((record) => {
    const version = parseVersions(METADATA_RECORD_TABLE[record.kind].versions).highest;
    return { value: encodeMetadataRecord(record, version), timestamp: 1000 + baseOffset };
  });
  return buildBatch(values, { baseOffset, leaderEpoch });
}

/** A batch with a control record that the log may hold anywhere: a change of the leader. */
export function leaderChange(baseOffset: number, leaderEpoch: number) {
  const key = Buffer.from([0, 0, 0, 2]);
  const records = [{ key, value: Buffer.alloc(8), timestamp: 0 }];
  return buildBatch(records, { baseOffset, leaderEpoch, control: true });
}

/** Ids that are not the same for two names. */
export function idOf(name: string): string {
  return Buffer.alloc(16, name).toString('base64url');
}

export function topic(name: string): KraftRecord {
  return kraft('topic', { name, topicId: idOf(name) });
}

export function partition(name: string, partitionId: number, fields: object = {}): KraftRecord {
  const state = { replicas: [1], isr: [1], leader: 1, leaderEpoch: 0, partitionEpoch: 0 };
  const more = { removingReplicas: [], addingReplicas: [], directories: [] };
  return kraft('partition', { topicId: idOf(name), partitionId, ...state, ...more, ...fields });
}
