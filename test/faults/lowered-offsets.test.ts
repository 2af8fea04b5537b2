import { truncateSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { WireClient } from '../support/wire-client.ts';
import { get, makeTopic, put } from './traffic.ts';

const GROUPS = ['first', 'second', 'third'];

async function commit(client: WireClient, groupId: string, offset: number): Promise<void> {
  const answer = await client.ask(API.OFFSET_COMMIT, 8, {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    topics: [
      {
        name: 'topic',
        partitions: [
          {
            partitionIndex: 0,
            committedOffset: offset,
            committedLeaderEpoch: 0,
            committedMetadata: 'kept',
          },
        ],
      },
    ],
  });
  expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(0);
}

async function committed(client: WireClient, groupId: string): Promise<number> {
  const answer = await client.ask(API.OFFSET_FETCH, 7, {
    groupId,
    topics: [{ name: 'topic', partitionIndexes: [0] }],
    requireStable: true,
  });
  expect(answer.errorCode).toBe(0);
  return answer.topics[0]!.partitions[0]!.committedOffset;
}

test.each([0, 2])(
  'a committed offset is never ahead of a log that lost its tail, num.io.threads=%i',
  async (threads) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'millrace-lowered-'));
    const config = { 'num.io.threads': threads, 'offsets.topic.num.partitions': 3 };
    const broker = await BrokerProcess.start({ dataDir, config });
    const client = await WireClient.open(broker.port);
    await makeTopic(client, 'topic');
    const value = Buffer.alloc(1000, 'v');
    for (let i = 0; i < 20; i++) expect((await put(client, 'topic', 0, value)).error).toBe(0);
    // Each group in a partition of its own, more or less.
    for (const [i, group] of GROUPS.entries()) await commit(client, group, 20 - 8 * i);
    client.close();
    await broker.kill();
    // As a power loss may leave it: the commits are on the disk, the end of the log is not.
    const batchBytes = 1000 + 61 + 8;
    truncateSync(join(dataDir, 'topic-0', '00000000000000000000.log'), 10 * batchBytes + 500);
    const again = await BrokerProcess.start({ dataDir, config });
    const reader = await WireClient.open(again.port);
    const end = (await get(reader, 'topic', 0, 0)).highWatermark;
    expect(end).toBeGreaterThan(5);
    expect(end).toBeLessThan(12);
    expect(await committed(reader, 'first')).toBe(end);
    expect(await committed(reader, 'second')).toBe(end);
    expect(await committed(reader, 'third')).toBe(4);
    expect(
      again.lines.filter((line) => /committed offset .* which ends at/.test(line)).length,
    ).toBe(2);
    expect((await put(reader, 'topic', 0, value)).offset).toBe(end);
    reader.close();
    // It is in the log as well: a further crash does not bring the old one back.
    await again.kill();
    const last = await BrokerProcess.start({ dataDir, config });
    const late = await WireClient.open(last.port);
    expect(await committed(late, 'first')).toBe(end);
    expect(last.log).not.toMatch(/committed offset/);
    late.close();
    expect(await last.stop()).toBe(0);
    await rm(dataDir, { recursive: true, force: true });
  },
);
