import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import type { Draft } from '../../src/protocol/frames.ts';
import type { JoinGroupRequest } from '../../src/protocol/schema/11-join-group.ts';
import type { SyncGroupRequest } from '../../src/protocol/schema/14-sync-group.ts';
import { committed, GroupMember } from '../support/group-member.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

let broker: EmbeddedBroker;
let client: WireClient;
let other: WireClient;

beforeAll(async () => {
  broker = await startBroker({ config: { 'group.min.session.timeout.ms': 100 } });
  client = await WireClient.open(broker.port);
  other = await WireClient.open(broker.port);
  await broker.createTopic('topic', { partitions: 3 });
});

afterAll(async () => {
  client.close();
  other.close();
  await broker.close();
});

function joinGroup(
  groupId: string,
  fields: Draft<JoinGroupRequest> = {},
  version = 9,
  from = client,
) {
  return from.ask(API.JOIN_GROUP, version, {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('subscription') }],
    reason: null,
    ...fields,
  });
}

function sync(groupId: string, fields: Draft<SyncGroupRequest>, from = client) {
  return from.ask(API.SYNC_GROUP, 5, {
    groupId,
    groupInstanceId: null,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [],
    ...fields,
  });
}

function commit(groupId: string, offset: number, memberId = '', generation = -1, from = client) {
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: '' }];
  return from
    .ask(API.OFFSET_COMMIT, 9, {
      groupId,
      memberId,
      generationIdOrMemberEpoch: generation,
      groupInstanceId: null,
      topics: [{ name: 'topic', partitions }],
    })
    .then((answer) => answer.topics[0]!.partitions[0]!.errorCode);
}

describe('JoinGroup', () => {
  test.each([4, 5, 9])('v%i asks for a member id first, and gives one', async (version) => {
    const asked = await joinGroup(`asks-${version}`, {}, version);
    expect(asked.errorCode).toBe(ERROR.MEMBER_ID_REQUIRED);
    expect(asked.memberId).not.toBe('');
    const { memberId } = asked;
    const joined = await joinGroup(`asks-${version}`, { memberId }, version);
    expect(joined).toMatchObject({ errorCode: 0, memberId, leader: memberId, generationId: 1 });
  });

  test.each([0, 1, 3])('v%i joins at once', async (version) => {
    const joined = await joinGroup(`at-once-${version}`, {}, version);
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1 });
    expect(joined.leader).toBe(joined.memberId);
  });

  test('a client that took an id and went away holds nobody up for longer than its session', async () => {
    const left = await joinGroup('abandoned', { sessionTimeoutMs: 500 });
    expect(left.errorCode).toBe(ERROR.MEMBER_ID_REQUIRED);
    const member = new GroupMember(client, 'abandoned');
    await member.enter();
    expect(await member.heartbeat()).toBe(0);
    const described = await client.ask(API.DESCRIBE_GROUPS, 5, { groups: ['abandoned'] });
    expect(described.groups[0]).toMatchObject({ groupState: 'Stable' });
    expect(described.groups[0]!.members).toHaveLength(1);
  });

  test('refuses session timeouts beyond the bounds, and another protocol type', async () => {
    const short = await joinGroup('bounds', { sessionTimeoutMs: 50 });
    expect(short.errorCode).toBe(ERROR.INVALID_SESSION_TIMEOUT);
    await new GroupMember(client, 'bounds').enter();
    const strange = await joinGroup('bounds', { protocolType: 'connect' });
    expect(strange.errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
  });
});

test('a static member that comes back is given its place, and its old self is fenced', async () => {
  const groupInstanceId = 'instance';
  const first = await joinGroup('static', { groupInstanceId });
  expect(first.errorCode).toBe(0);
  const assignments = [{ memberId: first.memberId, assignment: Buffer.from('all') }];
  const { memberId, generationId } = first;
  await sync('static', { memberId, generationId, groupInstanceId, assignments });
  const again = await joinGroup('static', { groupInstanceId }, 9, other);
  expect(again).toMatchObject({ errorCode: 0, generationId, skipAssignment: true });
  expect(again.memberId).not.toBe(memberId);
  const heartbeat = await client.ask(API.HEARTBEAT, 4, {
    groupId: 'static',
    memberId,
    generationId,
    groupInstanceId,
  });
  expect(heartbeat.errorCode).toBe(ERROR.FENCED_INSTANCE_ID);
  const kept = await sync(
    'static',
    { memberId: again.memberId, generationId, groupInstanceId },
    other,
  );
  expect(kept).toMatchObject({ errorCode: 0, assignment: Buffer.from('all') });
});

describe('a group of two', () => {
  test('only the leader learns of members; a rebalance is told by Heartbeat', async () => {
    const first = new GroupMember(client, 'two');
    await first.enter();
    const asked = await joinGroup('two', {}, 9, other);
    const { memberId } = asked;
    const joining = joinGroup('two', { memberId }, 9, other);
    let told = 0;
    while (told === 0) told = await first.heartbeat();
    expect(told).toBe(ERROR.REBALANCE_IN_PROGRESS);
    const rejoined = await first.join();
    const follower = await joining;
    expect(rejoined.members.map((each) => each.memberId).sort()).toEqual(
      [first.memberId, memberId].sort(),
    );
    expect(follower).toMatchObject({ errorCode: 0, leader: first.memberId, members: [] });
    expect(follower.generationId).toBe(rejoined.generationId);
    const { generationId } = follower;
    for (const wrong of [{ protocolName: 'other' }, { protocolType: 'connect' }]) {
      const answer = await sync('two', { memberId, generationId, ...wrong }, other);
      expect(answer.errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    }
    // Nobody's share is known yet, so commits wait for it.
    expect(await commit('two', 1, memberId, generationId)).toBe(ERROR.REBALANCE_IN_PROGRESS);
    expect(await commit('two', 1, memberId, 99)).toBe(ERROR.ILLEGAL_GENERATION);
    expect(await commit('two', 1, 'nobody', generationId)).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  test('a commit without membership is taken only while the group has no members', async () => {
    expect(await commit('simple', 5)).toBe(0);
    const member = new GroupMember(client, 'simple');
    await member.enter();
    expect(await commit('simple', 6)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(await member.commit('topic', 7)).toBe(0);
    await member.leave();
    expect(await commit('simple', 8)).toBe(0);
    expect(await committed(client, 'simple', 'topic')).toBe(8);
  });
});

describe('OffsetFetch', () => {
  test.each([1, 5, 7])('v%i answers -1 without an error where nothing is', async (version) => {
    const topics = [{ name: 'topic', partitionIndexes: [0, 2] }];
    const groupId = 'never-committed';
    const answer = await client.ask(API.OFFSET_FETCH, version, { groupId, topics });
    expect(answer.errorCode).toBe(0);
    expect(answer.topics[0]!.partitions).toMatchObject([
      { partitionIndex: 0, committedOffset: -1, errorCode: 0 },
      { partitionIndex: 2, committedOffset: -1, errorCode: 0 },
    ]);
  });

  test('gives all topics where they are null, of several groups at once', async () => {
    await commit('all-a', 3);
    await commit('all-b', 4);
    for (const requireStable of [false, true]) {
      const answer = await client.ask(API.OFFSET_FETCH, 9, {
        groups: ['all-a', 'all-b', 'all-c'].map((groupId) => ({ groupId, topics: null })),
        requireStable,
      });
      expect(answer.groups.map(({ errorCode }) => errorCode)).toEqual([0, 0, 0]);
      const found = answer.groups.map(({ topics }) => {
        return topics.flatMap(({ partitions }) => partitions.map((each) => each.committedOffset));
      });
      expect(found).toEqual([[3], [4], []]);
    }
  });
});

describe('FindCoordinator', () => {
  const groups = ['one', 'two', 'three'];

  test.each([4, 5, 6])('v%i answers each of several keys', async (version) => {
    const request = { keyType: 0, coordinatorKeys: groups };
    const answer = await client.ask(API.FIND_COORDINATOR, version, request);
    const { port } = broker;
    expect(answer.coordinators).toMatchObject(
      groups.map((key) => ({ key, errorCode: 0, host: '127.0.0.1', port })),
    );
  });

  test.each([0, 1, 3])('v%i answers one', async (version) => {
    const answer = await client.ask(API.FIND_COORDINATOR, version, { key: 'one', keyType: 0 });
    expect(answer).toMatchObject({ errorCode: 0, host: '127.0.0.1', port: broker.port });
  });

  test('what nobody coordinates gets an error of its own, not a group coordinator', async () => {
    for (const keyType of [1, 2, 77]) {
      const request = { keyType, coordinatorKeys: ['key'] };
      const [answer] = (await client.ask(API.FIND_COORDINATOR, 6, request)).coordinators;
      if (answer!.errorCode === 0) expect(keyType).toBe(1);
      else expect(answer).toMatchObject({ nodeId: -1, port: -1 });
    }
  });
});

test('after a restart a group is loading or there, never unknown', async () => {
  const dataDir = await mkdtemp(pathOf(tmpdir(), 'millrace-traps-'));
  let member: GroupMember;
  {
    await using first = await startBroker({ dataDir });
    const own = await WireClient.open(first.port);
    await first.createTopic('topic');
    member = new GroupMember(own, 'returns');
    await member.enter();
    expect(await member.commit('topic', 11)).toBe(0);
    own.close();
  }
  {
    await using second = await startBroker({ dataDir });
    const own = await WireClient.open(second.port);
    const { memberId, generationId } = member;
    const codes = new Set<number>();
    do {
      const request = { groupId: 'returns', memberId, generationId, groupInstanceId: null };
      codes.add((await own.ask(API.HEARTBEAT, 4, request)).errorCode);
    } while (!codes.has(0));
    codes.delete(ERROR.COORDINATOR_LOAD_IN_PROGRESS);
    expect([...codes]).toEqual([0]);
    expect(await committed(own, 'returns', 'topic')).toBe(11);
    own.close();
  }
  await rm(dataDir, { recursive: true });
});

describe('the new consumer protocol', () => {
  function beat(memberId: string, memberEpoch: number, fields = {}) {
    return client.ask(API.CONSUMER_GROUP_HEARTBEAT, 1, {
      groupId: 'modern',
      memberId,
      memberEpoch,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: memberEpoch === 0 ? 10_000 : -1,
      subscribedTopicNames: null,
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: memberEpoch === 0 ? [] : null,
      ...fields,
    });
  }

  test('gives a partition to the second only when the first has let it go; -1 leaves', async () => {
    const regex = { subscribedTopicRegex: 'top.c' };
    const names = { subscribedTopicNames: ['topic'] };
    const first = await beat('first', 0, regex);
    expect(first.errorCode).toBe(0);
    const [all] = first.assignment!.topicPartitions;
    expect([...all!.partitions].sort()).toEqual([0, 1, 2]);
    const { topicId } = all!;
    const second = await beat('second', 0, names);
    expect(second.errorCode).toBe(0);
    expect(second.assignment?.topicPartitions ?? []).toEqual([]);
    let revoked = await beat('first', first.memberEpoch, { topicPartitions: [all!] });
    // Assignments are made at most once in `consumer.assignment.interval.ms`.
    await until('a new assignment', async () => {
      if (revoked.assignment === null) revoked = await beat('first', revoked.memberEpoch);
      return revoked.assignment !== null;
    });
    const kept = revoked.assignment!.topicPartitions[0]!.partitions;
    expect(kept.length).toBeLessThan(3);
    // The first has not said yet that it let go.
    const waiting = await beat('second', second.memberEpoch, { topicPartitions: [] });
    expect(waiting.assignment?.topicPartitions ?? []).toEqual([]);
    const released = [{ topicId, partitions: kept }];
    await beat('first', revoked.memberEpoch, { topicPartitions: released });
    const given = await beat('second', waiting.memberEpoch, { topicPartitions: [] });
    const got = given.assignment!.topicPartitions[0]!.partitions;
    expect([...kept, ...got].sort()).toEqual([0, 1, 2]);
    expect((await beat('second', -1)).memberEpoch).toBe(-1);
    const gone = await beat('second', given.memberEpoch);
    expect(gone.errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  test('a regex that is not one is refused as such', async () => {
    const answer = await beat('odd', 0, { subscribedTopicRegex: '(' });
    expect(answer.errorCode).toBe(ERROR.INVALID_REGULAR_EXPRESSION);
  });

  test('a static member leaves for a while with -2 and comes back to its share', async () => {
    const fields = { groupId: 'modern-static', instanceId: 'i', subscribedTopicNames: ['topic'] };
    const first = await beat('before', 0, fields);
    const share = first.assignment!.topicPartitions;
    const { groupId, instanceId } = fields;
    const away = await beat('before', -2, { groupId, instanceId });
    expect(away).toMatchObject({ errorCode: 0, memberEpoch: -2 });
    const back = await beat('after', 0, fields);
    expect(back.errorCode).toBe(0);
    expect(back.assignment!.topicPartitions).toEqual(share);
  });
});
