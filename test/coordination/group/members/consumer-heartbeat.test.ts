import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { API } from '../../../../src/protocol/api-keys.ts';
import type * as describeApi from '../../../../src/protocol/schema/69-consumer-group-describe.ts';
import { ConsumerClient, settle } from '../consumer-client.ts';
import { Harness } from '../harness.ts';

function harnessWithTopic(settings = {}, count = 4): Harness {
  const harness = new Harness(settings);
  harness.topics.add('topic', count);
  return harness;
}

function describeGroup(harness: Harness, groupId = 'group') {
  const request = { groupIds: [groupId], includeAuthorizedOperations: false };
  return harness.call<describeApi.ConsumerGroupDescribeResponse>(
    API.CONSUMER_GROUP_DESCRIBE,
    1,
    request,
  ).groups[0]!;
}

describe('a consumer group of the new protocol', () => {
  it('gives its first member everything in the answer to its first request', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness).heartbeat();
    expect(client.last).toMatchObject({ errorCode: 0, memberEpoch: 1, heartbeatIntervalMs: 5_000 });
    expect(client.partitions('topic')).toEqual([0, 1, 2, 3]);
    expect(harness.stateOf()).toBe('Stable');
    client.heartbeat();
    expect(client.last!.assignment).toBeNull();
    expect(harness.appended).toHaveLength(0);
  });

  it('moves partitions only when their holder has given them up', () => {
    const harness = harnessWithTopic();
    const one = new ConsumerClient(harness).heartbeat();
    harness.advance(1_000);
    const two = new ConsumerClient(harness).heartbeat();
    expect(two.partitions('topic')).toEqual([]);
    expect(harness.stateOf()).toBe('Reconciling');
    one.heartbeat();
    expect(one.partitions('topic')).toHaveLength(2);
    expect(one.epoch).toBe(1);
    two.heartbeat();
    expect(two.partitions('topic')).toEqual([]);
    one.heartbeat();
    expect(one.epoch).toBe(2);
    two.heartbeat();
    expect([...one.partitions('topic'), ...two.partitions('topic')].sort()).toEqual([0, 1, 2, 3]);
    expect(harness.stateOf()).toBe('Stable');
  });

  it('fences a member that does not give up in time', () => {
    const harness = harnessWithTopic({ consumerSessionTimeoutMs: () => 1_000_000 });
    const one = new ConsumerClient(harness).heartbeat();
    harness.advance(1_000);
    const two = new ConsumerClient(harness).heartbeat();
    one.send();
    harness.advance(60_001);
    expect(one.send().errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
    settle([two], 3);
    expect(two.partitions('topic')).toEqual([0, 1, 2, 3]);
  });

  it('fences a member that is not heard of for the session timeout, on monotonic time', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness).heartbeat();
    harness.wallMs += 10 ** 10;
    for (let i = 0; i < 4; i++) {
      harness.advance(40_000);
      expect(client.heartbeat().errorCode).toBe(ERROR.NONE);
    }
    harness.advance(45_001);
    expect(harness.stateOf()).toBe('Empty');
    expect(client.heartbeat().errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(client.heartbeat().errorCode).toBe(ERROR.NONE);
  });

  it('takes the epoch before from a member that missed an answer, and fences others', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness).heartbeat();
    harness.topics.grow('topic', 6);
    harness.advance(1_000);
    const owned = client.report();
    client.send();
    const retried = client.send({ memberEpoch: 1, topicPartitions: owned });
    expect(retried).toMatchObject({ errorCode: ERROR.NONE, memberEpoch: 2 });
    const errorAt = (memberEpoch: number, topicPartitions: object[] | null = owned) =>
      client.send({ memberEpoch, topicPartitions: topicPartitions as [] | null }).errorCode;
    expect(errorAt(3)).toBe(ERROR.FENCED_MEMBER_EPOCH);
    expect(errorAt(1, null)).toBe(ERROR.FENCED_MEMBER_EPOCH);
    const foreign = [{ topicId: owned[0]!.topicId, partitions: [99] }];
    expect(errorAt(1, foreign)).toBe(ERROR.FENCED_MEMBER_EPOCH);
    expect(errorAt(2)).toBe(ERROR.NONE);
  });

  it('refuses requests that make no sense, with the reason', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness);
    const join = { rebalanceTimeoutMs: 1, subscribedTopicNames: ['topic'], topicPartitions: [] };
    const errorOf = (fields: object) => client.send({ ...join, ...fields });
    expect(errorOf({ memberId: '' }).errorMessage).toBe("MemberId can't be empty.");
    expect(errorOf({ groupId: '' }).errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(errorOf({ groupId: ' \t' }).errorMessage).toBe("GroupId can't be empty.");
    expect(errorOf({ instanceId: '' }).errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(errorOf({ rackId: '' }).errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(errorOf({ rebalanceTimeoutMs: -1 }).errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(errorOf({ topicPartitions: null }).errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(errorOf({ subscribedTopicNames: null }).errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(errorOf({ memberEpoch: -3 }).errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(errorOf({ memberEpoch: -2 }).errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(errorOf({ serverAssignor: 'sticky' })).toMatchObject({
      errorCode: ERROR.UNSUPPORTED_ASSIGNOR,
      errorMessage: 'ServerAssignor sticky is not supported. Supported assignors: uniform, range.',
    });
    const unknown = errorOf({ groupId: 'none', memberEpoch: 5 });
    expect(unknown.errorCode).toBe(ERROR.GROUP_ID_NOT_FOUND);
    expect(unknown.errorMessage).toBe('Consumer group none not found.');
    expect(harness.shard.groupCount).toBe(0);
    expect(harness.log).toHaveLength(0);
  });

  it('keeps to its greatest size', () => {
    const harness = harnessWithTopic({ consumerMaxSize: 1 });
    const one = new ConsumerClient(harness).heartbeat();
    expect(new ConsumerClient(harness).heartbeat().errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    expect(one.heartbeat().errorCode).toBe(ERROR.NONE);
  });

  it('gives the partitions of a member that leaves to the others', () => {
    const harness = harnessWithTopic();
    const clients = [new ConsumerClient(harness), new ConsumerClient(harness)];
    settle(clients);
    expect(clients.map((client) => client.owned.size)).toEqual([2, 2]);
    expect(clients[0]!.leave().last).toMatchObject({ errorCode: 0, memberEpoch: -1 });
    settle([clients[1]!]);
    expect(clients[1]!.partitions('topic')).toEqual([0, 1, 2, 3]);
  });

  it('notices partitions that are added and topics that are deleted', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness, { topics: ['topic', 'later'] });
    settle([client], 2);
    harness.topics.grow('topic', 6);
    harness.topics.add('later', 1);
    settle([client], 3);
    expect(client.owned.size).toBe(7);
    harness.topics.remove('later');
    settle([client], 4);
    expect(client.owned.size).toBe(6);
    expect(harness.stateOf()).toBe('Stable');
  });

  it('waits between assignments as it is told to', () => {
    const harness = harnessWithTopic({ consumerAssignmentIntervalMs: () => 10_000 });
    const one = new ConsumerClient(harness).heartbeat();
    const two = new ConsumerClient(harness).heartbeat();
    expect(harness.stateOf()).toBe('Assigning');
    settle([one, two], 5);
    expect(one.owned.size).toBe(4);
    settle([one, two], 12);
    expect([one.owned.size, two.owned.size]).toEqual([2, 2]);
  });

  it('uses the assignor that most members ask for', () => {
    const harness = harnessWithTopic({}, 3);
    harness.topics.add('other', 3);
    const topics = ['topic', 'other'];
    const clients = [
      new ConsumerClient(harness, { topics, assignor: 'range' }),
      new ConsumerClient(harness, { topics, assignor: 'range' }),
    ];
    settle(clients);
    expect(describeGroup(harness).assignorName).toBe('range');
    const sizes = clients.map((client) => client.owned.size).sort();
    expect(sizes).toEqual([2, 4]);
    for (const client of clients) client.leave();
    const plain = [
      new ConsumerClient(harness, { topics }),
      new ConsumerClient(harness, { topics }),
    ];
    settle(plain);
    expect(plain.map((client) => client.owned.size)).toEqual([3, 3]);
  });

  it('describes members, what they hold and what they are to hold', () => {
    const harness = harnessWithTopic();
    const one = new ConsumerClient(harness).heartbeat();
    harness.advance(1_000);
    new ConsumerClient(harness).heartbeat();
    one.send();
    const group = describeGroup(harness);
    expect(group).toMatchObject({
      errorCode: ERROR.NONE,
      groupState: 'Reconciling',
      groupEpoch: 2,
      assignmentEpoch: 2,
      assignorName: 'uniform',
    });
    const first = group.members.find(({ memberId }) => memberId === one.memberId)!;
    expect(first.assignment.topicPartitions[0]).toMatchObject({
      topicName: 'topic',
      partitions: [0, 1, 2, 3],
    });
    expect(first.targetAssignment.topicPartitions[0]!.partitions).toHaveLength(2);
    expect(first).toMatchObject({ memberType: 1, memberEpoch: 1, subscribedTopicNames: ['topic'] });
    expect(describeGroup(harness, 'none').errorCode).toBe(ERROR.GROUP_ID_NOT_FOUND);
  });

  it('goes on after a restart where it was', () => {
    const harness = harnessWithTopic();
    const clients = [new ConsumerClient(harness), new ConsumerClient(harness)];
    settle(clients);
    const before = clients.map((client) => client.partitions('topic'));
    harness.restart();
    settle(clients, 3);
    expect(clients.map((client) => client.partitions('topic'))).toEqual(before);
    expect(clients.map(({ epoch }) => epoch)).toEqual([2, 2]);
    harness.advance(45_001);
    expect(harness.stateOf()).toBe('Empty');
  });
});

describe('static members of a consumer group', () => {
  it('keep their partitions while they are away', () => {
    const harness = harnessWithTopic();
    const one = new ConsumerClient(harness, { instanceId: 'one' });
    const two = new ConsumerClient(harness, { instanceId: 'two' });
    settle([one, two]);
    const held = one.partitions('topic');
    expect(one.leave().last).toMatchObject({ errorCode: ERROR.NONE, memberEpoch: -2 });
    settle([two], 3);
    expect(two.owned.size).toBe(2);
    const back = new ConsumerClient(harness, { instanceId: 'one' }).heartbeat();
    expect(back.partitions('topic')).toEqual(held);
    expect(back.epoch).toBe(two.epoch);
  });

  it('lose them when they do not come back before their session ends', () => {
    const harness = harnessWithTopic();
    const one = new ConsumerClient(harness, { instanceId: 'one' });
    const two = new ConsumerClient(harness, { instanceId: 'two' });
    settle([one, two]);
    one.leave();
    settle([two], 50);
    expect(two.owned.size).toBe(4);
  });

  it('cannot be replaced while they are there', () => {
    const harness = harnessWithTopic();
    const one = new ConsumerClient(harness, { instanceId: 'one' }).heartbeat();
    const other = new ConsumerClient(harness, { instanceId: 'one' }).heartbeat();
    expect(other.errorCode).toBe(ERROR.UNRELEASED_INSTANCE_ID);
    expect(one.heartbeat().errorCode).toBe(ERROR.NONE);
    one.leave();
    expect(other.heartbeat().errorCode).toBe(ERROR.NONE);
    expect(one.send({ memberEpoch: 1 }).errorCode).toBe(ERROR.FENCED_INSTANCE_ID);
    const unknown = new ConsumerClient(harness, { instanceId: 'nobody' });
    expect(unknown.send({ memberEpoch: 1 }).errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });
});

describe('subscriptions by regular expression', () => {
  it('are resolved by the broker and follow the topics', () => {
    const harness = new Harness();
    harness.topics.add('orders-eu', 2);
    harness.topics.add('orders-us', 2);
    harness.topics.add('returns', 1);
    const client = new ConsumerClient(harness, { regex: 'orders-.*' }).heartbeat();
    expect(client.owned.size).toBe(4);
    harness.topics.add('orders-asia', 3);
    settle([client], 14);
    expect(client.owned.size).toBe(7);
    harness.topics.remove('orders-eu');
    settle([client], 14);
    expect(client.owned.size).toBe(5);
  });

  it('are refused when they are not valid, before anything is written', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness, { regex: '(a' }).heartbeat();
    expect(client.errorCode).toBe(ERROR.INVALID_REGULAR_EXPRESSION);
    expect(harness.log).toHaveLength(0);
  });

  it('are forgotten with the last member that has them', () => {
    const harness = harnessWithTopic();
    const one = new ConsumerClient(harness, { regex: 'topic|x' }).heartbeat();
    const two = new ConsumerClient(harness, { regex: 'topic|x' });
    settle([one, two]);
    one.leave();
    expect(harness.log.filter(({ value }) => value === null).length).toBe(3);
    two.leave();
    expect(harness.log.filter(({ value }) => value === null).length).toBe(7);
    expect(harness.reload(harness.compacted()).groupCount).toBe(1);
  });

  it('can be changed for names, which gives up what does not match any more', () => {
    const harness = harnessWithTopic();
    harness.topics.add('other', 2);
    const client = new ConsumerClient(harness, { regex: '.*' }).heartbeat();
    expect(client.owned.size).toBe(6);
    harness.advance(1_000);
    client.heartbeat({ subscribedTopicNames: ['other'], subscribedTopicRegex: '' });
    settle([client], 3);
    expect(client.partitions('topic')).toEqual([]);
    expect(client.partitions('other')).toEqual([0, 1]);
  });
});

describe('commits of members of a consumer group', () => {
  it('are taken at the epoch of the member and refused at any other', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness).heartbeat();
    const commit = (generationIdOrMemberEpoch: number, version = 9, memberId = client.memberId) =>
      harness.commit('topic', 0, 5, { memberId, generationIdOrMemberEpoch }, version);
    expect(commit(1)).toBe(ERROR.NONE);
    expect(commit(2)).toBe(ERROR.STALE_MEMBER_EPOCH);
    expect(commit(0)).toBe(ERROR.STALE_MEMBER_EPOCH);
    expect(commit(1, 8)).toBe(ERROR.UNSUPPORTED_VERSION);
    expect(commit(1, 9, 'stranger')).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(harness.commit('topic', 0, 5)).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it('are taken at an older epoch for partitions held since', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness).heartbeat();
    harness.topics.grow('topic', 5);
    settle([client], 2);
    expect(client.epoch).toBe(2);
    const fields = { memberId: client.memberId, generationIdOrMemberEpoch: 1 };
    expect(harness.commit('topic', 0, 5, fields)).toBe(ERROR.NONE);
    expect(harness.commit('topic', 4, 5, fields)).toBe(ERROR.STALE_MEMBER_EPOCH);
  });

  it('are read at the epoch of the member', () => {
    const harness = harnessWithTopic();
    const client = new ConsumerClient(harness).heartbeat();
    const read = (memberId: string | null, memberEpoch: number) =>
      harness.call<{ groups: { errorCode: number }[] }>(API.OFFSET_FETCH, 9, {
        groupId: '',
        topics: [],
        requireStable: true,
        groups: [{ groupId: 'group', memberId, memberEpoch, topics: null }],
      }).groups[0]!.errorCode;
    expect(read(client.memberId, 1)).toBe(ERROR.NONE);
    expect(read(client.memberId, 2)).toBe(ERROR.STALE_MEMBER_EPOCH);
    expect(read('stranger', 1)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(read(null, -1)).toBe(ERROR.NONE);
  });
});
