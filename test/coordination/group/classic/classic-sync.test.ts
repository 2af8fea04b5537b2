import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { API } from '../../../../src/protocol/api-keys.ts';
import type { LeaveGroupResponse } from '../../../../src/protocol/schema/13-leave-group.ts';
import { Harness, subscription } from '../harness.ts';

/** Two members that have joined generation 1 and not synced. */
function joinedPair(): { harness: Harness; leader: string; follower: string } {
  const harness = new Harness({ initialRebalanceDelayMs: 1_000 });
  const one = harness.joinDynamic();
  const two = harness.joinDynamic();
  harness.advance(3_000);
  expect(harness.joined(one.ticket).leader).toBe(one.memberId);
  return { harness, leader: one.memberId, follower: two.memberId };
}

function leave(harness: Harness, members: object[], version = 5): LeaveGroupResponse {
  return harness.call<LeaveGroupResponse>(API.LEAVE_GROUP, version, {
    groupId: 'group',
    memberId: (members[0] as { memberId: string }).memberId,
    members,
  });
}

describe('syncing a classic group', () => {
  it('parks followers until the leader hands in the assignment, and writes it down first', () => {
    const { harness, leader, follower } = joinedPair();
    const waiting = harness.sync({ memberId: follower });
    expect(harness.answers.has(waiting)).toBe(false);
    const assignments = [{ memberId: follower, assignment: Buffer.from('share') }];
    const done = harness.sync({ memberId: leader, assignments });
    expect(harness.appended).toHaveLength(1);
    expect(harness.synced(waiting)).toMatchObject({
      errorCode: ERROR.NONE,
      protocolType: 'consumer',
      protocolName: 'range',
      assignment: Buffer.from('share'),
    });
    expect(harness.synced(done).assignment).toHaveLength(0);
    expect(harness.stateOf()).toBe('Stable');
  });

  it('refuses wrong members, generations and protocols', () => {
    const { harness, leader } = joinedPair();
    const errorOf = (fields: object) =>
      harness.synced(harness.sync({ memberId: leader, ...fields })).errorCode;
    expect(errorOf({ memberId: 'stranger' })).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(errorOf({ groupId: 'nowhere' })).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(errorOf({ groupId: '' })).toBe(ERROR.INVALID_GROUP_ID);
    expect(errorOf({ generationId: 7 })).toBe(ERROR.ILLEGAL_GENERATION);
    expect(errorOf({ protocolName: 'sticky' })).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    expect(errorOf({ protocolType: 'connect' })).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    expect(errorOf({ protocolType: null })).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
  });

  it('sends waiting followers back to joining when a rebalance begins', () => {
    const { harness, leader, follower } = joinedPair();
    const waiting = harness.sync({ memberId: follower });
    const changed = [{ name: 'range', metadata: subscription(['other']) }];
    harness.join({ memberId: leader, protocols: changed });
    expect(harness.synced(waiting).errorCode).toBe(ERROR.REBALANCE_IN_PROGRESS);
    const late = harness.sync({ memberId: follower });
    expect(harness.synced(late).errorCode).toBe(ERROR.REBALANCE_IN_PROGRESS);
  });

  it('puts out members that join and never sync', () => {
    const { harness, leader, follower } = joinedPair();
    harness.sync({ memberId: leader });
    for (let i = 0; i < 12; i++) {
      harness.advance(5_000);
      harness.heartbeat(leader, 1);
      harness.heartbeat(follower, 1);
    }
    harness.advance(1_000);
    expect(harness.heartbeat(follower, 1)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(harness.heartbeat(leader, 1)).toBe(ERROR.REBALANCE_IN_PROGRESS);
  });

  it('expires a member that does not heartbeat, on monotonic time alone', () => {
    const harness = new Harness();
    const memberId = harness.stableMember();
    harness.wallMs += 365 * 24 * 3_600_000;
    harness.advance(9_000);
    expect(harness.heartbeat(memberId, 1)).toBe(ERROR.NONE);
    harness.wallMs -= 365 * 24 * 3_600_000;
    harness.advance(9_000);
    expect(harness.heartbeat(memberId, 1)).toBe(ERROR.NONE);
    harness.advance(10_001);
    expect(harness.heartbeat(memberId, 1)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(harness.stateOf()).toBe('Empty');
  });

  it('does not expire a member that waits for a rebalance', () => {
    const harness = new Harness();
    const one = harness.stableMember({ sessionTimeoutMs: 50_000 });
    const waiting = harness.joinDynamic({ sessionTimeoutMs: 6_000 });
    harness.advance(40_000);
    harness.join({ memberId: one });
    expect(harness.joined(waiting.ticket).generationId).toBe(2);
  });

  it('checks heartbeats against generation and member', () => {
    const { harness, leader } = joinedPair();
    expect(harness.heartbeat(leader, 1)).toBe(ERROR.NONE);
    expect(harness.heartbeat(leader, 2)).toBe(ERROR.ILLEGAL_GENERATION);
    expect(harness.heartbeat('stranger', 1)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    const nowhere = { groupId: 'nowhere', generationId: 1, memberId: leader };
    expect(harness.call(API.HEARTBEAT, 4, nowhere).errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });
});

describe('leaving a classic group', () => {
  it('makes a new generation of those who stay', () => {
    const { harness, leader, follower } = joinedPair();
    harness.sync({ memberId: follower });
    harness.sync({ memberId: leader });
    const body = leave(harness, [{ memberId: leader, groupInstanceId: null, reason: null }]);
    expect(body).toMatchObject({ errorCode: ERROR.NONE, members: [{ errorCode: ERROR.NONE }] });
    const again = harness.joined(harness.join({ memberId: follower }));
    expect(again).toMatchObject({ generationId: 2, leader: follower });
  });

  it('answers for each of many, and at the top for old clients', () => {
    const { harness, leader, follower } = joinedPair();
    const body = leave(harness, [
      { memberId: 'stranger', groupInstanceId: null },
      { memberId: follower, groupInstanceId: null },
    ]);
    expect(body.members.map(({ errorCode }) => errorCode)).toEqual([
      ERROR.UNKNOWN_MEMBER_ID,
      ERROR.NONE,
    ]);
    expect(leave(harness, [{ memberId: 'stranger' }], 2).errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(leave(harness, [{ memberId: leader }], 2).errorCode).toBe(ERROR.NONE);
    expect(harness.stateOf()).toBe('Empty');
  });

  it('answers the parked join of a member that leaves', () => {
    const harness = new Harness();
    harness.stableMember();
    const two = harness.joinDynamic();
    leave(harness, [{ memberId: two.memberId, groupInstanceId: null }]);
    expect(harness.joined(two.ticket).errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it('gives back an id that was never used', () => {
    const harness = new Harness();
    const one = harness.stableMember();
    const { memberId } = harness.joined(harness.join());
    expect(leave(harness, [{ memberId, groupInstanceId: null }]).members[0]!.errorCode).toBe(0);
    expect(harness.joined(harness.join({ memberId })).errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(harness.joined(harness.join({ memberId: one })).generationId).toBe(2);
  });

  it('writes an empty generation when the last member goes', () => {
    const harness = new Harness();
    const memberId = harness.stableMember();
    leave(harness, [{ memberId, groupInstanceId: null }]);
    expect(harness.stateOf()).toBe('Empty');
    expect(harness.appended).toHaveLength(1);
    expect(harness.stableMember()).not.toBe(memberId);
  });
});

describe('a storm of joins and leaves', () => {
  it('ends with one stable generation that knows everyone, and every request answered', () => {
    const harness = new Harness();
    const members = new Map<string, number>();
    const inGroup: string[] = [];
    for (let round = 0; round < 300; round++) {
      if (inGroup.length > 15 || (inGroup.length > 3 && round % 3 === 0)) {
        const memberId = inGroup.shift()!;
        leave(harness, [{ memberId, groupInstanceId: null }]);
      } else {
        const { ticket, memberId } = harness.joinDynamic();
        members.set(memberId, ticket);
        inGroup.push(memberId);
      }
      if (round % 5 === 0) harness.advance(200);
    }
    for (const memberId of inGroup) {
      members.set(memberId, harness.join({ memberId }));
    }
    harness.advance(120_000);
    const generations = inGroup.map((id) => harness.joined(members.get(id)!));
    const alive = generations.filter(({ errorCode }) => errorCode === ERROR.NONE);
    expect(alive.length).toBe(inGroup.length);
    expect(harness.shard.parkedCount).toBe(0);
  });
});
