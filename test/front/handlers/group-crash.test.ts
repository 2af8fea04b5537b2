import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { BrokerProcess } from '../../support/broker-process.ts';
import { committed } from '../../support/group-member.ts';
import { createTopic } from '../../support/topics.ts';
import { WireClient } from '../../support/wire-client.ts';

const ROUNDS = 4;
const GROUPS = ['a', 'b', 'c', 'd'];

let dataDir: string;
let broker: BrokerProcess;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-group-crash-'));
});

afterEach(async () => {
  await broker.kill();
  await rm(dataDir, { recursive: true, force: true });
});

/** Starts the broker as a process of its own and answers its port. */
async function start(): Promise<number> {
  const config = { 'millrace.http.listener': '', 'offsets.topic.num.partitions': 3 };
  broker = await BrokerProcess.start({ dataDir, config });
  return broker.port;
}

/** Commits one offset after the other until the broker is gone; answers the last one it took. */
async function commitUntilGone(port: number, groupId: string, from: number): Promise<number> {
  const client = await WireClient.open(port);
  let acknowledged = from;
  try {
    for (let offset = from + 1; ; offset++) {
      const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: '' }];
      const answer = await client.ask(API.OFFSET_COMMIT, 7, {
        groupId,
        generationIdOrMemberEpoch: -1,
        memberId: '',
        topics: [{ name: 'topic', partitions }],
      });
      expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(0);
      acknowledged = offset;
    }
  } catch (thrown) {
    if (!(thrown as Error).message.startsWith('the connection was closed')) throw thrown;
    return acknowledged;
  }
}

test('no commit that was acknowledged is lost when the broker is killed', async () => {
  let port = await start();
  let client = await WireClient.open(port);
  await createTopic(client, 'topic');
  // Commits ahead of the data do not outlive a crash.
  const records = Array.from({ length: 1000 }, () => ({ value: Buffer.from('x') }));
  for (let i = 0; i < 20; i++) await client.produce('topic', 0, records);
  const acknowledged = new Map(GROUPS.map((groupId) => [groupId, 0]));
  for (let round = 1; round <= ROUNDS; round++) {
    client.close();
    const loads = GROUPS.map(async (groupId) => {
      acknowledged.set(groupId, await commitUntilGone(port, groupId, acknowledged.get(groupId)!));
    });
    await new Promise((resolve) => setTimeout(resolve, 100 + 70 * round));
    await Promise.all([broker.kill(), ...loads]);
    port = await start();
    client = await WireClient.open(port);
    for (const groupId of GROUPS) {
      const last = acknowledged.get(groupId)!;
      // -1 where the broker was killed before it took a first commit.
      const found = Math.max(0, await committed(client, groupId, 'topic'));
      // The one that was on its way when the broker died may be there or not.
      expect(found).toBeGreaterThanOrEqual(last);
      expect(found).toBeLessThanOrEqual(last + 1);
      acknowledged.set(groupId, found);
    }
  }
  expect(Math.min(...acknowledged.values())).toBeGreaterThan(0);
  client.close();
});
