import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from 'millrace';
import { expect, test, vi } from 'vitest';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { alterTopic, createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { send } from '../support/wire-requests.ts';

/** Up to where each partition is on the disk, as the broker noted it. */
function recoveryPoints(dataDir: string): Map<string, number> {
  const path = join(dataDir, 'recovery-point-offset-checkpoint');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(2) : [];
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line) => [line.split(' ')[0]!, Number(line.split(' ')[2])]),
  );
}

test('flush.ms and flush.messages bring records to the disk, a later change too', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-flush-'));
  const config = { 'log.flush.offset.checkpoint.interval.ms': '20' };
  const broker = await startBroker({ dataDir, config });
  const client = await WireClient.open(broker.port);
  try {
    await createTopic(client, 'by-time', { 'flush.ms': '10' });
    await createTopic(client, 'by-count', { 'flush.messages': '2' });
    await createTopic(client, 'never');
    for (const topic of ['never', 'by-time', 'by-count']) {
      for (let i = 0; i < 3; i++) {
        await send(client, topic, buildBatch([{ value: Buffer.from(`value ${i}`) }]));
      }
    }
    const points = () => recoveryPoints(dataDir);
    await vi.waitFor(() => expect(points().get('by-time')).toBe(3), 5_000);
    await vi.waitFor(() => expect(points().get('by-count')).toBeGreaterThanOrEqual(2), 5_000);
    expect(points().get('never') ?? 0).toBe(0);
    await alterTopic(client, 'never', { 'flush.ms': '0' });
    await vi.waitFor(() => expect(points().get('never')).toBe(3), 5_000);
  } finally {
    client.close();
    await broker.close();
    await rm(dataDir, { recursive: true, force: true });
  }
});
