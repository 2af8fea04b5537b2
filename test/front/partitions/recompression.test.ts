import { expect, test } from 'vitest';
import type { HelperPool } from '../../../src/front/partitions/helper-pool.ts';
import type { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { Recompression } from '../../../src/front/partitions/recompression.ts';
import type { TopicMirror } from '../../../src/front/partitions/topic-mirror.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { CollectingLogger } from '../../log/fixtures.ts';

const batch = buildBatch([{ value: Buffer.from('a'), timestamp: 0 }]);
const topic = { config: { compressionType: 'gzip', maxMessageBytes: 1000 } } as TopicMirror;
const mirror = { topic: 'topic', index: 0 } as PartitionMirror;

function recompression(logger: CollectingLogger): Recompression {
  const pool = {
    rebuild: async () => ({ error: 0, rebuilt: new Uint8Array(batch), rejection: null }),
  } as unknown as HelperPool;
  return new Recompression(pool, 1000, logger);
}

test('an append that throws ends with a word to its producer, and the next one goes on', async () => {
  const logger = new CollectingLogger();
  const rebuilding = recompression(logger);
  const told: string[] = [];
  rebuilding.run(topic, mirror, batch, {
    onRebuilt() {
      throw new Error('a defect');
    },
    onDefect: () => told.push('first failed'),
  });
  await new Promise<void>((resolve) => {
    rebuilding.run(topic, mirror, batch, {
      onRebuilt: () => {
        told.push('second rebuilt');
        resolve();
      },
      onDefect: () => told.push('second failed'),
    });
  });
  expect(told).toEqual(['first failed', 'second rebuilt']);
  expect(logger.lines).toEqual(['an append failed: a defect']);
  expect(rebuilding.isBackedUp).toBe(false);
});
