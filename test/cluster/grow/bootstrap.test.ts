import { expect, test } from 'vitest';
import { bootstrapFile } from '../../../src/cluster/grow/bootstrap-file.ts';
import { bootstrapRecords, GROWN_EPOCH } from '../../../src/cluster/grow/bootstrap-records.ts';
import { ClusterDraft } from '../../../src/cluster/image/cluster-draft.ts';
import { emptyClusterImage } from '../../../src/cluster/image/cluster-image.ts';
import { metadataBatchAt } from '../../../src/cluster/quorum/metadata-batch.ts';
import { MetadataStream } from '../../../src/cluster/quorum/metadata-stream.ts';
import { ImageDraft } from '../../../src/metadata/image-draft.ts';
import type { MetadataRecord } from '../../../src/metadata/records.ts';
import type { KraftRecord } from '../../../src/protocol/metadata-record-table.ts';
import { wholeBatchSize } from '../../../src/records/batch-layout.ts';
import { idOf } from '../kraft-records.ts';
import { RecordingSink } from '../recording-sink.ts';

const NODE = 5;
const REGISTRATION = {
  clusterId: 'the-cluster',
  nodeId: NODE,
  incarnationId: idOf('i'),
  listeners: [{ name: 'PLAINTEXT', host: 'here', port: 9092, securityProtocol: 0 }],
  features: [{ name: 'metadata.version', minVersion: 7, maxVersion: 30 }],
  rack: 'r1',
  directoryIds: [idOf('d')],
  previousEpoch: GROWN_EPOCH,
};
const CREDENTIAL = {
  user: 'alice',
  mechanism: 'SCRAM-SHA-256',
  iterations: 4096,
  salt: Buffer.from('salt').toString('base64'),
  storedKey: Buffer.from('stored').toString('base64'),
  serverKey: Buffer.from('server').toString('base64'),
} as const;
const RULE = {
  resourceType: 2,
  resourceName: 'orders',
  patternType: 3,
  principal: 'User:alice',
  host: '*',
  operation: 3,
  permission: 3,
};
const RECORDS: readonly MetadataRecord[] = [
  { type: 'cluster', clusterId: 'c', nodeId: NODE, brokerEpoch: 0 },
  {
    type: 'topic',
    name: 'orders',
    id: idOf('orders'),
    partitions: 2,
    replicas: [NODE],
    configs: [['retention.ms', '1000']],
    epochs: [[1, 41]],
  },
  { type: 'broker-config', broker: '', changes: [['log.cleaner.threads', '2']] },
  { type: 'group-config', group: 'g', changes: [['consumer.session.timeout.ms', '50000']] },
  { type: 'quota', entity: [['user', null]], changes: [['producer_byte_rate', 1024]] },
  { type: 'scram', credential: CREDENTIAL },
  { type: 'acl', rule: RULE },
  { type: 'producer-ids', next: 7000 },
];

function alone(): ImageDraft {
  const image = ImageDraft.empty();
  for (const record of RECORDS) image.apply(record);
  return image;
}

const LEVELS = new Map([['metadata.version', 30]]);

function imageOf(records: readonly KraftRecord[]) {
  const draft = ClusterDraft.behind(emptyClusterImage('the-cluster', NODE));
  for (const record of records) draft.apply(record);
  return draft.finish({ offset: 1, epoch: 1, timestampMs: 1 }).after;
}

test('a cluster that begins with these records knows what the node knew', () => {
  const before = alone();
  const after = imageOf(bootstrapRecords(before, REGISTRATION, LEVELS));
  const [of, was] = [after.topicsByName.get('orders')!, before.topicsByName.get('orders')!];
  expect([of.id, [...of.configs]]).toEqual([was.id, [...was.configs]]);
  expect(of.partitions).toMatchObject(was.partitions);
  expect(of.partitions.map(({ details }) => details!.directories)).toEqual([
    REGISTRATION.directoryIds,
    REGISTRATION.directoryIds,
  ]);
  for (const name of [
    'brokerConfigs',
    'groupConfigs',
    'quotas',
    'scramCredentials',
    'acls',
  ] as const)
    expect([...after[name]]).toEqual([...before[name]]);
  expect(after.nextProducerId).toBe(7000);
  expect([...after.features]).toEqual([...LEVELS]);
  expect(after.brokers.get('5')).toMatchObject({ epoch: GROWN_EPOCH, fenced: true, rack: 'r1' });
});

test('the file has them in batches, as a snapshot of the metadata log has', async () => {
  const records = bootstrapRecords(alone(), REGISTRATION, LEVELS);
  const bytes = bootstrapFile(records, 1234);
  const batches = [];
  for (let at = 0; at < bytes.length; ) {
    const size = wholeBatchSize(bytes, at, bytes.length);
    batches.push(metadataBatchAt(bytes, at, size));
    at += size;
  }
  expect(batches.map(({ baseOffset }) => baseOffset)).toEqual([0, 1, records.length + 1]);
  const sink = new RecordingSink();
  const position = { offset: 0, epoch: 0, timestampMs: 0 };
  await new MetadataStream(sink).takeSnapshot(batches, position);
  const kinds = records.map(({ kind }) => kind);
  const told = sink.take().map((line) => line.split(' ')[0]);
  expect(told).toEqual(['snapshot', ...kinds]);
});
