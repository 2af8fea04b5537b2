import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { committed, GroupMember } from '../../support/group-member.ts';
import { WireClient } from '../../support/wire-client.ts';

let broker: EmbeddedBroker;
let client: WireClient;
const GROUPS = ['one', 'two', 'three', 'four', 'five'];

beforeAll(async () => {
  broker = await startBroker({
    config: { 'num.io.threads': 2, 'offsets.topic.num.partitions': 7 },
  });
  client = await WireClient.open(broker.port);
  await broker.createTopic('topic');
});

afterAll(async () => {
  client.close();
  await broker.close();
});

describe('a classic group', () => {
  test.each([2, 3, 4, 5, 6, 7, 8, 9])('joins, commits with v%i and leaves', async (version) => {
    const groupId = `commits-v${version}`;
    const member = new GroupMember(client, groupId);
    await member.enter(version);
    expect(await member.heartbeat(Math.min(version, 4))).toBe(0);
    expect(await member.commit('topic', 40 + version, version)).toBe(0);
    expect(await committed(client, groupId, 'topic', version)).toBe(40 + version);
    expect(await member.leave()).toBe(0);
    expect(await member.heartbeat()).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  test('answers -1 where nothing was committed', async () => {
    for (const version of [1, 5, 7, 8, 9]) {
      expect(await committed(client, 'never-seen', 'topic', version)).toBe(-1);
    }
  });

  test('with two members rebalances when the second one joins', async () => {
    const other = await WireClient.open(broker.port);
    const first = new GroupMember(client, 'pair');
    const second = new GroupMember(other, 'pair');
    await first.enter();
    const required = await second.join();
    expect(required.errorCode).toBe(ERROR.MEMBER_ID_REQUIRED);
    const joining = second.join();
    let beat = 0;
    while (beat === 0) beat = await first.heartbeat();
    expect(beat).toBe(ERROR.REBALANCE_IN_PROGRESS);
    const [firstAnswer, secondAnswer] = await Promise.all([first.join(), joining]);
    expect(firstAnswer.generationId).toBe(secondAnswer.generationId);
    expect(firstAnswer.members.length + secondAnswer.members.length).toBe(2);
    other.close();
  });

  test('lets go of a member whose client went away while it waited', async () => {
    const leaving = await WireClient.open(broker.port);
    const first = new GroupMember(client, 'abandoned');
    const gone = new GroupMember(leaving, 'abandoned');
    await first.enter();
    await gone.join();
    gone.join().catch(() => undefined);
    let beat = 0;
    while (beat === 0) beat = await first.heartbeat();
    leaving.close();
    const answer = await first.join();
    expect(answer.errorCode).toBe(0);
    expect(await committed(client, 'abandoned', 'topic')).toBe(-1);
  });
});

describe('requests for several groups', () => {
  beforeAll(async () => {
    for (const [i, groupId] of GROUPS.entries()) {
      const member = new GroupMember(client, groupId);
      await member.enter();
      expect(await member.commit('topic', 100 + i)).toBe(0);
      if (groupId !== 'five') expect(await member.leave()).toBe(0);
    }
  });

  test('OffsetFetch gathers what all their coordinators know', async () => {
    const topics = [{ name: 'topic', partitionIndexes: [0] }];
    const answer = await client.ask(API.OFFSET_FETCH, 8, {
      groups: GROUPS.map((groupId) => ({ groupId, topics })),
      requireStable: false,
    });
    const found = new Map(
      answer.groups.map((g) => [g.groupId, g.topics[0]!.partitions[0]!.committedOffset]),
    );
    expect(found).toEqual(new Map(GROUPS.map((groupId, i) => [groupId, 100 + i])));
  });

  test('ListGroups lists those of every worker, and filters by state', async () => {
    const all = await client.ask(API.LIST_GROUPS, 5, { statesFilter: [], typesFilter: [] });
    expect(all.errorCode).toBe(0);
    const names = all.groups.map(({ groupId }) => groupId);
    expect(names).toEqual(expect.arrayContaining(GROUPS));
    const stable = await client.ask(API.LIST_GROUPS, 4, { statesFilter: ['Stable'] });
    expect(stable.groups.map(({ groupId }) => groupId)).toContain('five');
    expect(stable.groups.map(({ groupId }) => groupId)).not.toContain('one');
    const old = await client.ask(API.LIST_GROUPS, 0, {});
    expect(old.groups.length).toBeGreaterThanOrEqual(GROUPS.length);
  });

  test.each([0, 1, 2, 3, 4, 5, 6])('DescribeGroups version %i describes them all', async (v) => {
    const answer = await client.ask(API.DESCRIBE_GROUPS, v, { groups: GROUPS });
    const states = new Map(answer.groups.map((g) => [g.groupId, g.groupState]));
    expect(states.get('one')).toBe('Empty');
    expect(states.get('five')).toBe('Stable');
    expect(states.size).toBe(GROUPS.length);
  });

  test('DeleteGroups deletes those that are empty', async () => {
    const answer = await client.ask(API.DELETE_GROUPS, 2, { groupsNames: GROUPS });
    const codes = new Map(answer.results.map((r) => [r.groupId, r.errorCode]));
    expect(codes.get('one')).toBe(0);
    expect(codes.get('five')).toBe(ERROR.NON_EMPTY_GROUP);
    expect(await committed(client, 'one', 'topic')).toBe(-1);
    const none = await client.ask(API.DELETE_GROUPS, 2, { groupsNames: [] });
    expect(none.results).toEqual([]);
  });

  test('ConsumerGroupDescribe says which of them it does not know', async () => {
    const answer = await client.ask(API.CONSUMER_GROUP_DESCRIBE, 1, {
      groupIds: ['nobody', 'no-one'],
      includeAuthorizedOperations: false,
    });
    const codes = answer.groups.map(({ errorCode }) => errorCode);
    expect(codes).toEqual([ERROR.GROUP_ID_NOT_FOUND, ERROR.GROUP_ID_NOT_FOUND]);
  });
});

describe('offsets', () => {
  test('go with OffsetDelete', async () => {
    const member = new GroupMember(client, 'forgetful');
    await member.enter();
    await member.commit('topic', 7);
    await member.leave();
    const answer = await client.ask(API.OFFSET_DELETE, 0, {
      groupId: 'forgetful',
      topics: [{ name: 'topic', partitions: [{ partitionIndex: 0 }] }],
    });
    expect(answer.topics[0]!.partitions[0]!.errorCode).toBe(0);
    expect(await committed(client, 'forgetful', 'topic')).toBe(-1);
  });

  test('go with their topic', async () => {
    await broker.createTopic('short-lived');
    const member = new GroupMember(client, 'survivor');
    await member.enter();
    expect(await member.commit('short-lived', 5)).toBe(0);
    const request = { topicNames: ['short-lived'], timeoutMs: 1000 };
    await client.ask(API.DELETE_TOPICS, 5, request);
    await broker.createTopic('short-lived');
    expect(await committed(client, 'survivor', 'short-lived')).toBe(-1);
  });

  test('of a topic that is not there are refused', async () => {
    const member = new GroupMember(client, 'optimist');
    await member.enter();
    expect(await member.commit('no-such-topic', 5)).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });
});

describe('bad requests', () => {
  test('an empty group id is an error, not a closed connection', async () => {
    const answer = await new GroupMember(client, '').join();
    expect(answer.errorCode).toBe(ERROR.INVALID_GROUP_ID);
  });

  test('a body that ends too early closes the connection and nothing else', async () => {
    const bad = await WireClient.open(broker.port);
    await expect(bad.askRaw(API.HEARTBEAT, 1, Buffer.from([0]))).rejects.toThrow('closed');
    const worse = await WireClient.open(broker.port);
    const cutOff = Buffer.from([0, 1, 0x67, 0, 0]);
    await expect(worse.askRaw(API.JOIN_GROUP, 1, cutOff)).rejects.toThrow('closed');
    expect(await committed(client, 'still-serving', 'topic')).toBe(-1);
  });
});

test('tells members of the new protocol what is configured for their group, without a restart', async () => {
  const beat = async (groupId: string, memberEpoch: number) => {
    const answer = await client.ask(API.CONSUMER_GROUP_HEARTBEAT, 1, {
      groupId,
      memberId: `${groupId}-member`,
      memberEpoch,
      rebalanceTimeoutMs: memberEpoch === 0 ? 1000 : -1,
      subscribedTopicNames: memberEpoch === 0 ? ['topic'] : null,
      topicPartitions: memberEpoch === 0 ? [] : null,
    });
    expect(answer.errorCode).toBe(0);
    return answer;
  };
  const alter = async (configOperation: number, value: string | null) => {
    const configs = [{ name: 'consumer.heartbeat.interval.ms', configOperation, value }];
    const resources = [{ resourceType: 32, resourceName: 'tuned', configs }];
    const answer = await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, {
      resources,
      validateOnly: false,
    });
    expect(answer.responses[0]!.errorCode).toBe(0);
  };
  const { memberEpoch, heartbeatIntervalMs } = await beat('tuned', 0);
  expect(heartbeatIntervalMs).toBe(5000);
  await alter(0, '7000');
  expect((await beat('tuned', memberEpoch)).heartbeatIntervalMs).toBe(7000);
  expect((await beat('other', 0)).heartbeatIntervalMs).toBe(5000);
  await alter(1, null);
  expect((await beat('tuned', memberEpoch)).heartbeatIntervalMs).toBe(5000);
});

test('refuses the consumer protocol where it is switched off', async () => {
  const config = { 'group.coordinator.rebalance.protocols': 'classic' };
  await using classic = await startBroker({ config });
  const other = await WireClient.open(classic.port);
  const beat = await other.ask(API.CONSUMER_GROUP_HEARTBEAT, 1, {
    groupId: 'modern',
    memberId: 'AAAAAAAAAAAAAAAAAAAAAQ',
    memberEpoch: 0,
    rebalanceTimeoutMs: 1000,
    subscribedTopicNames: ['topic'],
    topicPartitions: [],
  });
  expect(beat.errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
  const groupIds = ['modern', 'other'];
  const told = await other.ask(API.CONSUMER_GROUP_DESCRIBE, 1, {
    groupIds,
    includeAuthorizedOperations: false,
  });
  expect(told.groups.map(({ groupId, errorCode }) => [groupId, errorCode])).toEqual([
    ['modern', ERROR.UNSUPPORTED_VERSION],
    ['other', ERROR.UNSUPPORTED_VERSION],
  ]);
  const member = new GroupMember(other, 'old');
  await member.enter();
  expect(await member.heartbeat()).toBe(0);
  other.close();
});
