import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { GroupMember } from '../support/group-member.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';
import { TransactionalClient } from './transactional-client.ts';

const TOPIC = 'read';
const UNSTABLE = -ERROR.UNSTABLE_OFFSET_COMMIT;
let dataDir: string;
let broker: EmbeddedBroker;
let client: WireClient;

async function start(): Promise<void> {
  broker = await startBroker({ dataDir, config: { 'offsets.topic.num.partitions': 2 } });
  client = await WireClient.open(broker.port);
}

async function stop(): Promise<void> {
  client.close();
  await broker.close();
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-traps-'));
  await start();
  await broker.createTopic(TOPIC);
});

afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function commit(
  own: TransactionalClient,
  groupId: string,
  committedOffset: number,
  member: { memberId?: string; generationId?: number } = {},
): Promise<number> {
  const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }];
  const answer = await client.ask(API.TXN_OFFSET_COMMIT, 5, {
    transactionalId: own.transactionalId,
    groupId,
    producerId: own.producerId,
    producerEpoch: own.epoch,
    topics: [{ name: TOPIC, partitions }],
    ...member,
  });
  return answer.topics[0]!.partitions[0]!.errorCode;
}

/** The stable offset, or the negative error. A coordinator that loads is asked again. */
async function stableOffset(groupId: string): Promise<number> {
  let found = 0;
  await until('the coordinator is loaded', async () => {
    const group = { groupId, memberEpoch: -1, topics: [{ name: TOPIC, partitionIndexes: [0] }] };
    const { groups } = await client.ask(API.OFFSET_FETCH, 9, {
      groups: [group],
      requireStable: true,
    });
    if (groups[0]!.errorCode !== 0) return false;
    const { errorCode, committedOffset } = groups[0]!.topics[0]!.partitions[0]!;
    found = errorCode === 0 ? committedOffset : -errorCode;
    return true;
  });
  return found;
}

describe('T35: offsets of an open transaction', () => {
  test.each([
    [true, 7],
    [false, 3],
  ])('are unstable over a restart, and clear at the marker (commit: %s)', async (isCommit, end) => {
    const own = new TransactionalClient(client, 'txn');
    await own.start();
    expect(await commit(own, 'g', 3)).toBe(0);
    await own.end(true);
    await until('the first commit', async () => (await stableOffset('g')) === 3);
    expect(await commit(own, 'g', 7)).toBe(0);
    expect(await stableOffset('g')).toBe(UNSTABLE);
    await stop();
    await start();
    expect(await stableOffset('g')).toBe(UNSTABLE);
    const { transactionalId, producerId, epoch } = own;
    const again = Object.assign(new TransactionalClient(client, transactionalId), {
      producerId,
      epoch,
    });
    expect((await again.end(isCommit)).errorCode).toBe(0);
    await until('the end', async () => (await stableOffset('g')) === end);
    await stop();
    await start();
    expect(await stableOffset('g')).toBe(end);
  });
});

test('T34: a transaction commits for a member of the generation, or for nobody in particular', async () => {
  const member = new GroupMember(client, 'members');
  await member.enter();
  const { memberId, generationId } = member;
  const own = new TransactionalClient(client, 'of-members');
  await own.start();
  expect(await commit(own, 'members', 1, { memberId, generationId })).toBe(0);
  expect(await commit(own, 'members', 2)).toBe(0);
  expect(await commit(own, 'members', 3, { memberId, generationId: generationId + 1 })).toBe(
    ERROR.ILLEGAL_GENERATION,
  );
  expect(await commit(own, 'members', 3, { memberId: 'stranger', generationId })).toBe(
    ERROR.UNKNOWN_MEMBER_ID,
  );
  await own.end(true);
  await until('the commit', async () => (await stableOffset('members')) === 2);
});
