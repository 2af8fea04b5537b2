import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from 'millrace';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { WireClient } from '../support/wire-client.ts';
import { send } from '../support/wire-requests.ts';

const PARTITIONS = 6;

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-'));
});

afterEach(() => rm(dataDir, { recursive: true, force: true }));

function record(): Buffer {
  return buildBatch([{ value: Buffer.from('v'), timestamp: Date.now() }]);
}

test.each([0, 1])(
  'partitions over a lowered limit stay online, with %i threads',
  async (threads) => {
    const config = { 'num.io.threads': threads };
    const roomy = await startBroker({ dataDir, config });
    await roomy.createTopic('topic', { partitions: PARTITIONS });
    await roomy.close();
    const tight = await startBroker({
      dataDir,
      config: { ...config, 'millrace.max.partitions': 2 },
    });
    const client = await WireClient.open(tight.port);
    for (let index = 0; index < PARTITIONS; index++) {
      const { errorCode, baseOffset } = await send(client, 'topic', record(), { index });
      expect([index, errorCode, baseOffset]).toEqual([index, 0, 0]);
    }
    const partitions = [{ partitionIndex: PARTITIONS - 1, offset: 1 }];
    const deleted = await client.ask(API.DELETE_RECORDS, 2, {
      topics: [{ name: 'topic', partitions }],
      timeoutMs: 1000,
    });
    expect(deleted.topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: 1 });
    await expect(tight.createTopic('more')).rejects.toThrow(
      'The broker holds 6 of at most 2 partitions (millrace.max.partitions).',
    );
    client.close();
    await tight.close();
  },
);
