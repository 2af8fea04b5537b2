import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { encodeFrame, encodeHeader } from '../../src/metadata/metadata-frames.ts';
import { MetadataLog } from '../../src/metadata/metadata-log.ts';
import { MemoryDisk } from './memory-disk.ts';

/** Records as millrace wrote them before partitions had an epoch and replicas of their own. */
const SNAPSHOT = [
  '{"type":"cluster","clusterId":"id-0AAAAAAAAAAAAAAAAAA","nodeId":1,"brokerEpoch":0}',
  '{"type":"topic","name":"a","id":"id-1AAAAAAAAAAAAAAAAAA","partitions":3,"replicas":[1],' +
    '"configs":[["retention.ms","5"]],"epochs":[[1,2],[2,1]]}',
  '{"type":"producer-ids","next":1000}',
  '{"type":"end","records":3}',
];
const LOG = [
  '{"type":"topic","name":"b","id":"id-2AAAAAAAAAAAAAAAAAA","partitions":1,"replicas":[1],' +
    '"configs":[]}',
  '{"type":"leader-epochs","id":"id-1AAAAAAAAAAAAAAAAAA","epochs":[[1,3]]}',
  '{"type":"partitions","id":"id-2AAAAAAAAAAAAAAAAAA","partitions":2,"replicas":[1]}',
];

function fileOf(lines: readonly string[]): Buffer {
  const frames = lines.map((line) => encodeFrame([JSON.parse(line)]));
  return Buffer.concat([encodeHeader(), ...frames]);
}

function storeWithOlderFiles(snapshotBytes: number): { disk: MemoryDisk; store: MetadataLog } {
  const disk = new MemoryDisk();
  const path = '/data/__millrace_metadata/00000000000000000001';
  disk.put(`${path}.snapshot`, fileOf(SNAPSHOT));
  disk.put(`${path}.log`, fileOf(LOG));
  return { disk, store: openOn(disk, snapshotBytes) };
}

function openOn(files: MemoryDisk, snapshotBytes: number): MetadataLog {
  return new MetadataLog({ logDir: '/data', logger: silentLogger, snapshotBytes, files });
}

const alone = { leader: 1, replicas: [1], inSyncReplicas: [1] };
const PARTITIONS_OF_A = [
  { index: 0, leaderEpoch: 0, partitionEpoch: 0, ...alone },
  { index: 1, leaderEpoch: 3, partitionEpoch: 3, ...alone },
  { index: 2, leaderEpoch: 1, partitionEpoch: 1, ...alone },
];

describe('metadata of an older millrace', () => {
  it('is read: every partition gets its epochs and its one replica', async () => {
    const { store } = storeWithOlderFiles(1_000_000);
    const image = await store.load();
    expect(image.topicsByName.get('a')!.partitions).toEqual(PARTITIONS_OF_A);
    expect(image.topicsByName.get('b')!.partitions).toHaveLength(2);
    expect(image.nextProducerId).toBe(1000);
    expect(image.brokers.size).toBe(0);
    await store.close();
  });

  it('is the same after it was written again in a snapshot', async () => {
    const { disk, store } = storeWithOlderFiles(1);
    const image = await store.load();
    const record = { type: 'producer-ids', next: 2000 } as const;
    image.apply(record);
    await store.commit([record], image);
    await store.close();
    const again = await openOn(disk, 1).load();
    expect(disk.bytesOf('/data/__millrace_metadata/00000000000000000002.snapshot')).toBeDefined();
    expect(again).toEqual(image);
  });
});
