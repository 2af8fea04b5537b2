import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { JoinGroupRequest } from '../../../src/protocol/schema/11-join-group.ts';
import { Harness, subscription } from './harness.ts';

/** A stable group of two static members, 'a' the leader and 'b'. */
function staticPair(version = 9): { harness: Harness; leader: string; follower: string } {
  const harness = new Harness({ initialRebalanceDelayMs: 1_000 });
  const one = harness.join({ groupInstanceId: 'a' }, version);
  const two = harness.join({ groupInstanceId: 'b' }, version);
  harness.advance(3_000);
  const leader = harness.joined(one).memberId;
  const follower = harness.joined(two).memberId;
  harness.sync({ memberId: follower, groupInstanceId: 'b' });
  harness.sync({
    memberId: leader,
    groupInstanceId: 'a',
    assignments: [
      { memberId: leader, assignment: Buffer.from('for a') },
      { memberId: follower, assignment: Buffer.from('for b') },
    ],
  });
  return { harness, leader, follower };
}

describe('static members', () => {
  it('join in one step under an id that begins with their instance id', () => {
    const { leader, harness } = staticPair();
    expect(leader).toMatch(/^a-/);
    expect(harness.stateOf()).toBe('Stable');
  });

  it('come back without a rebalance and find their share', () => {
    const { harness, leader, follower } = staticPair();
    const back = harness.joined(harness.join({ groupInstanceId: 'b' }));
    expect(back).toMatchObject({ errorCode: ERROR.NONE, generationId: 1, leader });
    expect(back.memberId).not.toBe(follower);
    expect(harness.appended).toHaveLength(1);
    expect(harness.stateOf()).toBe('Stable');
    const share = harness.synced(harness.sync({ memberId: back.memberId, groupInstanceId: 'b' }));
    expect(share.assignment.toString()).toBe('for b');
  });

  it('fence their old incarnation', () => {
    const { harness, follower } = staticPair();
    harness.join({ groupInstanceId: 'b' });
    expect(harness.heartbeat(follower, 1, 'b')).toBe(ERROR.FENCED_INSTANCE_ID);
    expect(harness.heartbeat(follower, 1)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    const sync = harness.synced(harness.sync({ memberId: follower, groupInstanceId: 'b' }));
    expect(sync.errorCode).toBe(ERROR.FENCED_INSTANCE_ID);
    const join = harness.join({ memberId: follower, groupInstanceId: 'b' });
    expect(harness.joined(join).errorCode).toBe(ERROR.FENCED_INSTANCE_ID);
    const fields = {
      memberId: follower,
      groupInstanceId: 'b',
      generationIdOrMemberEpoch: 1,
    };
    harness.topics.add('topic', 1);
    expect(harness.commit('topic', 0, 1, fields)).toBe(ERROR.FENCED_INSTANCE_ID);
  });

  it('tell a leader that comes back to keep the assignment', () => {
    const { harness } = staticPair();
    const back = harness.joined(harness.join({ groupInstanceId: 'a' }));
    expect(back.skipAssignment).toBe(true);
    expect(back.leader).toBe(back.memberId);
    expect(back.members).toHaveLength(2);
  });

  it('hide the lead from a leader whose client cannot skip the assignment', () => {
    const { harness, leader } = staticPair(8);
    const back = harness.joined(harness.join({ groupInstanceId: 'a' }, 8));
    expect(back).toMatchObject({ leader, members: [], skipAssignment: false });
  });

  it('start a rebalance when they come back with another protocol', () => {
    const harness = new Harness();
    const metadata = subscription(['topic']);
    const named = (name: string): Partial<JoinGroupRequest> => ({
      groupInstanceId: 'a',
      protocols: [{ name, metadata }],
    });
    const first = harness.joined(harness.join(named('range')));
    harness.sync({ memberId: first.memberId, groupInstanceId: 'a' });
    // A group of one supports nothing but 'range', so the newcomer must know that too.
    const both = [
      { name: 'sticky', metadata },
      { name: 'range', metadata },
    ];
    const back = harness.joined(harness.join({ groupInstanceId: 'a', protocols: both }));
    expect(back).toMatchObject({ generationId: 2, protocolName: 'sticky' });
  });

  it('start a rebalance when they come back before the assignment is there', () => {
    const harness = new Harness({ initialRebalanceDelayMs: 1_000 });
    const one = harness.join({ groupInstanceId: 'a' });
    const two = harness.join({ groupInstanceId: 'b' });
    harness.advance(3_000);
    const follower = harness.joined(two).memberId;
    const waiting = harness.sync({ memberId: follower, groupInstanceId: 'b' });
    const back = harness.join({ groupInstanceId: 'b' });
    expect(harness.synced(waiting).errorCode).toBe(ERROR.FENCED_INSTANCE_ID);
    expect(harness.answers.has(back)).toBe(false);
    const again = harness.join({ memberId: harness.joined(one).memberId, groupInstanceId: 'a' });
    expect(harness.joined(again).generationId).toBe(2);
    expect(harness.joined(back).generationId).toBe(2);
  });

  it('fence a join of the old incarnation that is still waiting', () => {
    const { harness } = staticPair();
    const newcomer = harness.join({ groupInstanceId: 'c' });
    const waiting = harness.join({ groupInstanceId: 'b' });
    const again = harness.join({ groupInstanceId: 'b' });
    expect(harness.joined(waiting).errorCode).toBe(ERROR.FENCED_INSTANCE_ID);
    harness.join({ groupInstanceId: 'a' });
    expect(harness.joined(again).generationId).toBe(2);
    expect(harness.joined(newcomer).generationId).toBe(2);
  });

  it('hold up a rebalance that they do not join until their session ends', () => {
    const { harness } = staticPair();
    const newcomer = harness.join({ groupInstanceId: 'c', rebalanceTimeoutMs: 5_000 });
    const back = harness.join({ groupInstanceId: 'a', rebalanceTimeoutMs: 5_000 });
    harness.advance(10_001);
    expect(harness.joined(newcomer).generationId).toBe(2);
    expect(harness.joined(back).members.length).toBe(2);
  });

  it('are put out by an administrator by instance id alone', () => {
    const { harness, follower } = staticPair();
    const leave = (groupInstanceId: string) =>
      harness.call<{ members: { errorCode: number }[] }>(API.LEAVE_GROUP, 5, {
        groupId: 'group',
        memberId: '',
        members: [{ memberId: '', groupInstanceId, reason: 'moved' }],
      }).members[0]!.errorCode;
    expect(leave('nobody')).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(leave('b')).toBe(ERROR.NONE);
    expect(harness.heartbeat(follower, 1, 'b')).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(harness.stateOf()).toBe('PreparingRebalance');
  });
});
