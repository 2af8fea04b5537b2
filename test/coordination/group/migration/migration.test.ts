import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import {
  readAssignment,
  writeAssignment,
} from '../../../../src/coordination/group/classic/consumer-protocol.ts';
import { API } from '../../../../src/protocol/api-keys.ts';
import type { ListGroupsResponse } from '../../../../src/protocol/schema/16-list-groups.ts';
import { ConsumerClient, settle } from '../consumer-client.ts';
import { Harness, subscription } from '../harness.ts';

function typeOf(harness: Harness): string | undefined {
  const body = harness.call<ListGroupsResponse>(API.LIST_GROUPS, 5, {
    statesFilter: [],
    typesFilter: [],
  });
  return body.groups[0]?.groupType;
}

/** A classic subscription, version 1, that tells what is owned. */
function cooperative(topics: string[], owned: number[]): Buffer {
  const base = subscription(topics);
  base.writeInt16BE(1, 0);
  const list = writeAssignment([{ topic: 'topic', partitions: owned }], 0).subarray(2, -4);
  return Buffer.concat([base, list]);
}

/** A client of the classic protocol, which may find itself in a consumer group. */
class ClassicClient {
  readonly harness: Harness;
  readonly instanceId: string | null;
  memberId = '';
  generationId = -1;
  owned: number[] = [];

  constructor(harness: Harness, instanceId: string | null = null) {
    this.harness = harness;
    this.instanceId = instanceId;
  }

  /** Joins and syncs; false while the answer has to wait for others. */
  join(): boolean {
    const fields = {
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      protocols: [{ name: 'range', metadata: cooperative(['topic'], this.owned) }],
    };
    let ticket = this.harness.join(fields);
    if (!this.harness.answers.has(ticket)) return false;
    let body = this.harness.joined(ticket);
    if (body.errorCode === ERROR.MEMBER_ID_REQUIRED) {
      this.memberId = body.memberId;
      ticket = this.harness.join({ ...fields, memberId: body.memberId });
      if (!this.harness.answers.has(ticket)) return false;
      body = this.harness.joined(ticket);
    }
    expect(body.errorCode).toBe(ERROR.NONE);
    this.memberId = body.memberId;
    this.generationId = body.generationId;
    const members = body.members.map(({ memberId }) => memberId);
    const assignments = members.map((memberId, rank) => ({
      memberId,
      assignment: writeAssignment(
        [{ topic: 'topic', partitions: [0, 1, 2, 3].filter((p) => p % members.length === rank) }],
        1,
      ),
    }));
    const sync = this.harness.sync({
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      generationId: this.generationId,
      assignments,
    });
    if (!this.harness.answers.has(sync)) return false;
    const synced = this.harness.synced(sync);
    if (synced.errorCode !== ERROR.NONE) return false;
    const assigned = readAssignment(synced.assignment)!.assignedPartitions;
    this.owned = assigned.flatMap(({ partitions }) => partitions).sort();
    return true;
  }

  heartbeat(): number {
    return this.harness.heartbeat(this.memberId, this.generationId, this.instanceId);
  }

  /** Heartbeats, and joins again when it is told to. */
  live(): void {
    if (this.heartbeat() === ERROR.REBALANCE_IN_PROGRESS) this.join();
  }
}

function classicGroup(settings = {}): { harness: Harness; classic: ClassicClient } {
  const harness = new Harness(settings);
  harness.topics.add('topic', 4);
  const classic = new ClassicClient(harness);
  expect(classic.join()).toBe(true);
  expect(classic.owned).toEqual([0, 1, 2, 3]);
  return { harness, classic };
}

function liveTogether(classics: ClassicClient[], consumers: ConsumerClient[], rounds = 12): void {
  for (let round = 0; round < rounds; round++) {
    (classics[0] ?? consumers[0])!.harness.advance(1_000);
    for (const client of classics) client.live();
    for (const client of consumers) client.heartbeat();
  }
}

function restartKeeps(harness: Harness): void {
  const picture = () =>
    [...harness.shard.groups()].map((group) => [
      group.type,
      group.epoch,
      [...group.members()].map(({ memberId, partitions }) => [memberId, partitions]),
    ]);
  const before = picture();
  const live = harness.shard;
  harness.shard = harness.reload();
  expect(picture()).toEqual(before);
  harness.shard = harness.reload(harness.compacted());
  expect(new Set(picture().flat(3).map(String))).toEqual(new Set(before.flat(3).map(String)));
  harness.shard = live;
}

describe('upgrading a classic group', () => {
  it('happens when a member of the new protocol joins, and nobody loses a partition early', () => {
    const { harness, classic } = classicGroup();
    harness.advance(1_000);
    const consumer = new ConsumerClient(harness).heartbeat();
    expect(consumer.errorCode).toBe(ERROR.NONE);
    expect(typeOf(harness)).toBe('consumer');
    expect(consumer.owned.size).toBe(0);
    restartKeeps(harness);
    expect(classic.heartbeat()).toBe(ERROR.REBALANCE_IN_PROGRESS);
    liveTogether([classic], [consumer]);
    expect(classic.owned).toHaveLength(2);
    expect([...classic.owned, ...consumer.partitions('topic')].sort()).toEqual([0, 1, 2, 3]);
    expect(harness.stateOf()).toBe('Stable');
    restartKeeps(harness);
  });

  it('gives nobody what a cooperative member has yet to hear that it lost', () => {
    const { harness, classic } = classicGroup();
    const other = harness.joined(harness.join());
    const joining = harness.join({ memberId: other.memberId });
    const protocols = [{ name: 'range', metadata: cooperative(['topic'], [0, 1, 2, 3]) }];
    const { memberId } = classic;
    const leading = harness.joined(harness.join({ memberId, protocols }));
    const { generationId } = leading;
    expect(harness.joined(joining).generationId).toBe(generationId);
    const assigned = writeAssignment([{ topic: 'topic', partitions: [0, 1] }], 1);
    const nothing = writeAssignment([], 1);
    harness.sync({
      memberId,
      generationId,
      assignments: [
        { memberId, assignment: assigned },
        { memberId: other.memberId, assignment: nothing },
      ],
    });
    const consumer = new ConsumerClient(harness).heartbeat();
    expect(consumer.owned.size).toBe(0);
    classic.generationId = generationId;
    classic.owned = [0, 1];
    expect(classic.heartbeat()).toBe(ERROR.REBALANCE_IN_PROGRESS);
    classic.join();
    harness.advance(1_000);
    settle([consumer], 3);
    expect(consumer.partitions('topic')).not.toEqual([]);
    expect(classic.owned.some((one) => consumer.partitions('topic').includes(one))).toBe(false);
  });

  it('keeps the offsets', () => {
    const { harness, classic } = classicGroup();
    const fields = { memberId: classic.memberId, generationIdOrMemberEpoch: classic.generationId };
    expect(harness.commit('topic', 2, 77, fields)).toBe(ERROR.NONE);
    const consumer = new ConsumerClient(harness).heartbeat();
    expect(harness.committed('topic', 2)).toBe(77);
    expect(harness.commit('topic', 2, 78, fields)).toBe(ERROR.NONE);
    consumer.leave();
    expect(harness.committed('topic', 2)).toBe(78);
    expect(harness.reload(harness.compacted()).groupCount).toBe(1);
  });

  it('tells those who wait for a rebalance to join again', () => {
    const { harness, classic } = classicGroup();
    const waiting = harness.joinDynamic();
    new ConsumerClient(harness).heartbeat();
    expect(harness.joined(waiting.ticket).errorCode).toBe(ERROR.REBALANCE_IN_PROGRESS);
    expect(classic.heartbeat()).toBe(ERROR.REBALANCE_IN_PROGRESS);
  });

  it('replaces an empty classic group', () => {
    const harness = new Harness();
    harness.topics.add('topic', 4);
    harness.commit('topic', 0, 5);
    const consumer = new ConsumerClient(harness).heartbeat();
    expect(consumer.owned.size).toBe(4);
    expect(harness.committed('topic', 0)).toBe(5);
    restartKeeps(harness);
  });

  it('is refused, and changes nothing, where it cannot be', () => {
    const cases = [
      classicGroup({ consumerMigrationPolicy: 'disabled' }).harness,
      classicGroup({ consumerMigrationPolicy: 'downgrade' }).harness,
    ];
    const connect = new Harness();
    connect.stableMember({ protocolType: 'connect' });
    cases.push(connect);
    const malformed = new Harness();
    malformed.stableMember();
    cases.push(malformed);
    for (const harness of cases) {
      const records = harness.log.length;
      expect(new ConsumerClient(harness).heartbeat().errorCode).toBe(ERROR.GROUP_ID_NOT_FOUND);
      expect(harness.log).toHaveLength(records);
      expect(typeOf(harness)).toBe('classic');
    }
  });
});

describe('classic members inside a consumer group', () => {
  it('join one that others have made, and are asked for an id first', () => {
    const harness = new Harness();
    harness.topics.add('topic', 4);
    const consumer = new ConsumerClient(harness).heartbeat();
    harness.advance(1_000);
    const classic = new ClassicClient(harness);
    classic.join();
    liveTogether([classic], [consumer]);
    expect([classic.owned.length, consumer.owned.size]).toEqual([2, 2]);
  });

  it('are fenced when they do not join again in time, or go silent', () => {
    const { harness, classic } = classicGroup();
    harness.advance(1_000);
    const consumer = new ConsumerClient(harness).heartbeat();
    for (let i = 0; i < 12; i++) {
      expect(classic.heartbeat()).toBe(ERROR.REBALANCE_IN_PROGRESS);
      harness.advance(5_000);
      consumer.heartbeat();
    }
    expect(classic.heartbeat()).toBe(ERROR.UNKNOWN_MEMBER_ID);
    settle([consumer], 3);
    expect(consumer.owned.size).toBe(4);
  });

  it('are held to their generation, protocol and way of speaking', () => {
    const { harness, classic } = classicGroup();
    const consumer = new ConsumerClient(harness).heartbeat();
    expect(harness.heartbeat(classic.memberId, 9)).toBe(ERROR.ILLEGAL_GENERATION);
    expect(harness.heartbeat('stranger', 1)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(harness.heartbeat(consumer.memberId, consumer.epoch)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    const sync = (fields: object) =>
      harness.synced(harness.sync({ memberId: classic.memberId, generationId: 1, ...fields }))
        .errorCode;
    expect(sync({ protocolName: 'sticky' })).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    expect(sync({})).toBe(ERROR.REBALANCE_IN_PROGRESS);
    const odd = harness.join({ protocols: [{ name: 'odd', metadata: subscription(['topic']) }] });
    expect(harness.joined(odd).errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    const torn = harness.join({ protocols: [{ name: 'range', metadata: Buffer.from([1]) }] });
    expect(harness.joined(torn).errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
  });

  it('may be turned away by policy', () => {
    const harness = new Harness({ consumerMigrationPolicy: 'disabled' });
    harness.topics.add('topic', 4);
    new ConsumerClient(harness).heartbeat();
    const body = harness.joined(harness.join());
    expect(body.errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
  });

  it('leave by LeaveGroup', () => {
    const { harness, classic } = classicGroup();
    harness.advance(1_000);
    const consumer = new ConsumerClient(harness).heartbeat();
    const body = harness.call<{ members: { errorCode: number }[] }>(API.LEAVE_GROUP, 5, {
      groupId: 'group',
      memberId: '',
      members: [
        { memberId: classic.memberId, groupInstanceId: null, reason: null },
        { memberId: 'stranger', groupInstanceId: null, reason: null },
      ],
    });
    expect(body.members.map(({ errorCode }) => errorCode)).toEqual([0, ERROR.UNKNOWN_MEMBER_ID]);
    settle([consumer], 3);
    expect(consumer.owned.size).toBe(4);
  });
});

describe('downgrading a consumer group', () => {
  it('happens when its last member of the new protocol leaves', () => {
    const { harness, classic } = classicGroup();
    harness.advance(1_000);
    const consumer = new ConsumerClient(harness).heartbeat();
    liveTogether([classic], [consumer]);
    consumer.leave();
    expect(typeOf(harness)).toBe('classic');
    expect(harness.stateOf()).toBe('PreparingRebalance');
    expect(classic.heartbeat()).toBe(ERROR.REBALANCE_IN_PROGRESS);
    expect(classic.join()).toBe(true);
    expect(classic.owned).toEqual([0, 1, 2, 3]);
    expect(harness.stateOf()).toBe('Stable');
    restartKeeps(harness);
  });

  it('does not happen where the policy is against it', () => {
    const { harness, classic } = classicGroup({ consumerMigrationPolicy: 'upgrade' });
    harness.advance(1_000);
    const consumer = new ConsumerClient(harness).heartbeat();
    liveTogether([classic], [consumer]);
    consumer.leave();
    expect(typeOf(harness)).toBe('consumer');
    liveTogether([classic], []);
    expect(classic.owned).toEqual([0, 1, 2, 3]);
  });

  it('happens when a classic client takes the place of the last static one', () => {
    const harness = new Harness();
    harness.topics.add('topic', 4);
    const consumer = new ConsumerClient(harness, { instanceId: 'one' }).heartbeat();
    harness.advance(1_000);
    const second = new ClassicClient(harness, 'two');
    second.join();
    liveTogether([second], [consumer]);
    const before = consumer.partitions('topic');
    consumer.leave();
    const first = new ClassicClient(harness, 'one');
    first.owned = [];
    expect(first.join()).toBe(true);
    expect(typeOf(harness)).toBe('classic');
    expect(harness.stateOf()).toBe('Stable');
    expect(first.owned).toEqual(before);
    expect(second.heartbeat()).toBe(ERROR.NONE);
    restartKeeps(harness);
  });

  it('gives nobody what another member has not given up yet', () => {
    const { harness, classic: first } = classicGroup();
    harness.advance(1_000);
    const consumer = new ConsumerClient(harness, { instanceId: 'two' }).heartbeat();
    expect(consumer.owned.size).toBe(0);
    consumer.leave();
    const second = new ClassicClient(harness, 'two');
    second.join();
    expect(typeOf(harness)).toBe('classic');
    expect([...first.owned, ...second.owned].sort()).toEqual([0, 1, 2, 3]);
    expect(harness.stateOf()).toBe('PreparingRebalance');
    // As in Kafka: its epoch is not the generation of the others, and it joins anew with nothing.
    expect(first.heartbeat()).toBe(ERROR.ILLEGAL_GENERATION);
  });

  it('is not taken for settled by a restart before its members have shared out anew', () => {
    const { harness, classic } = classicGroup();
    harness.advance(1_000);
    const consumer = new ConsumerClient(harness).heartbeat();
    liveTogether([classic], [consumer]);
    consumer.leave();
    harness.restart();
    expect(harness.stateOf()).toBe('Stable');
    expect(classic.heartbeat()).toBe(ERROR.ILLEGAL_GENERATION);
    classic.owned = [];
    expect(classic.join()).toBe(true);
    expect(classic.owned).toEqual([0, 1, 2, 3]);
  });

  it('leaves an empty group to whoever comes first', () => {
    const harness = new Harness();
    harness.topics.add('topic', 4);
    const consumer = new ConsumerClient(harness).heartbeat();
    consumer.leave();
    const known = harness.joined(harness.join({ memberId: 'known' }));
    expect(known.errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
    const classic = new ClassicClient(harness);
    expect(classic.join()).toBe(true);
    expect(typeOf(harness)).toBe('classic');
    restartKeeps(harness);
  });
});
