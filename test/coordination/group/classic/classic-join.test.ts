import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { Harness, subscription } from '../harness.ts';

describe('joining a classic group', () => {
  it('gives a dynamic member an id first and lets it join with that', () => {
    const harness = new Harness();
    const first = harness.joined(harness.join());
    expect(first.errorCode).toBe(ERROR.MEMBER_ID_REQUIRED);
    expect(first.memberId).toMatch(/^client-/);
    const second = harness.joined(harness.join({ memberId: first.memberId }));
    expect(second).toMatchObject({
      errorCode: ERROR.NONE,
      generationId: 1,
      leader: first.memberId,
      memberId: first.memberId,
      protocolName: 'range',
      protocolType: 'consumer',
      skipAssignment: false,
    });
    expect(second.members).toHaveLength(1);
  });

  it('gives ids that fit on the wire to clients of any name', () => {
    const harness = new Harness();
    harness.clientId = 'é'.repeat(16_000);
    const { memberId } = harness.joined(harness.join());
    expect(Buffer.byteLength(memberId)).toBeLessThan(32_767);
  });

  it('lets clients before version 4 join in one step', () => {
    const harness = new Harness();
    for (const version of [0, 1, 3]) {
      const body = harness.joined(harness.join({ groupId: `group-${version}` }, version));
      expect(body.errorCode).toBe(ERROR.NONE);
      expect(body.generationId).toBe(1);
    }
  });

  it('never gives a null protocol name to clients that cannot read one', () => {
    const harness = new Harness();
    expect(harness.joined(harness.join({ memberId: 'nobody' }, 6)).protocolName).toBe('');
    expect(harness.joined(harness.join({ memberId: 'nobody' }, 7)).protocolName).toBeNull();
  });

  it('waits for the initial rebalance delay, longer when members keep coming', () => {
    const harness = new Harness({ initialRebalanceDelayMs: 3_000 });
    const one = harness.joinDynamic();
    harness.advance(2_000);
    const two = harness.joinDynamic();
    harness.advance(1_500);
    expect(harness.answers.has(one.ticket)).toBe(false);
    harness.advance(3_000);
    expect(harness.joined(one.ticket).members).toHaveLength(2);
    expect(harness.joined(two.ticket).members).toHaveLength(0);
    expect(harness.joined(two.ticket).leader).toBe(one.memberId);
  });

  it('ends the initial delay at the rebalance timeout, however many arrive', () => {
    const harness = new Harness({ initialRebalanceDelayMs: 3_000 });
    const first = harness.joinDynamic({ rebalanceTimeoutMs: 10_000 });
    for (let i = 0; i < 9; i++) {
      harness.advance(1_000);
      harness.joinDynamic({ rebalanceTimeoutMs: 10_000 });
    }
    harness.advance(1_500);
    expect(harness.joined(first.ticket).generationId).toBe(1);
  });

  it('refuses groups without a name and sessions outside the limits', () => {
    const harness = new Harness();
    expect(harness.joined(harness.join({ groupId: '' })).errorCode).toBe(ERROR.INVALID_GROUP_ID);
    for (const sessionTimeoutMs of [5_999, 1_800_001]) {
      const body = harness.joined(harness.join({ sessionTimeoutMs }));
      expect(body.errorCode).toBe(ERROR.INVALID_SESSION_TIMEOUT);
    }
  });

  it('refuses a member id that it does not know', () => {
    const harness = new Harness();
    const memberId = 'stranger';
    expect(harness.joined(harness.join({ memberId })).errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
    harness.stableMember();
    expect(harness.joined(harness.join({ memberId })).errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it('refuses members that share no protocol with the others', () => {
    const harness = new Harness();
    harness.stableMember();
    const metadata = subscription(['topic']);
    const other = harness.join({ protocols: [{ name: 'sticky', metadata }] });
    expect(harness.joined(other).errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    const connect = harness.join({ protocolType: 'connect' });
    expect(harness.joined(connect).errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
    const none = harness.join({ groupId: 'new', protocols: [] });
    expect(harness.joined(none).errorCode).toBe(ERROR.INCONSISTENT_GROUP_PROTOCOL);
  });

  it('chooses the protocol that most members put first among those that all know', () => {
    const harness = new Harness({ initialRebalanceDelayMs: 1_000 });
    const metadata = subscription(['topic']);
    const named = (...names: string[]) => ({
      protocols: names.map((name) => ({ name, metadata })),
    });
    const one = harness.joinDynamic(named('sticky', 'range', 'roundrobin'));
    harness.joinDynamic(named('range', 'roundrobin'));
    harness.joinDynamic(named('roundrobin', 'range'));
    harness.advance(5_000);
    expect(harness.joined(one.ticket).protocolName).toBe('range');
  });

  it('gives the members to the leader alone', () => {
    const harness = new Harness({ initialRebalanceDelayMs: 1_000 });
    const members = [harness.joinDynamic(), harness.joinDynamic(), harness.joinDynamic()];
    harness.advance(5_000);
    const sizes = members.map(({ ticket }) => harness.joined(ticket).members.length);
    expect(sizes).toEqual([3, 0, 0]);
  });

  it('asks everyone to join again when a member comes', () => {
    const harness = new Harness();
    const one = harness.stableMember();
    const two = harness.joinDynamic();
    expect(harness.answers.has(two.ticket)).toBe(false);
    expect(harness.heartbeat(one, 1)).toBe(ERROR.REBALANCE_IN_PROGRESS);
    const again = harness.join({ memberId: one });
    expect(harness.joined(again).generationId).toBe(2);
    expect(harness.joined(two.ticket).leader).toBe(one);
  });

  it('goes on without a member that does not join again within the rebalance timeout', () => {
    const harness = new Harness();
    const one = harness.stableMember({ sessionTimeoutMs: 100_000 });
    const two = harness.joinDynamic();
    harness.advance(59_000);
    expect(harness.answers.has(two.ticket)).toBe(false);
    harness.advance(1_500);
    expect(harness.joined(two.ticket)).toMatchObject({ generationId: 2, leader: two.memberId });
    expect(harness.heartbeat(one, 1)).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it('does not wait longer than the session for a member that took an id and went', () => {
    const harness = new Harness();
    const one = harness.stableMember();
    harness.join(); // An id that is never used.
    const again = harness.join({
      memberId: one,
      protocols: [{ name: 'range', metadata: subscription(['other']) }],
    });
    expect(harness.answers.has(again)).toBe(false);
    harness.advance(10_001);
    expect(harness.joined(again).generationId).toBe(2);
  });

  it('tells a follower that joins again unchanged what it knows already', () => {
    const harness = new Harness({ initialRebalanceDelayMs: 1_000 });
    const one = harness.joinDynamic();
    const two = harness.joinDynamic();
    harness.advance(5_000);
    const during = harness.joined(harness.join({ memberId: two.memberId }));
    expect(during).toMatchObject({ errorCode: ERROR.NONE, generationId: 1, leader: one.memberId });
    harness.sync({ memberId: two.memberId });
    harness.sync({ memberId: one.memberId });
    const after = harness.joined(harness.join({ memberId: two.memberId }));
    expect(after).toMatchObject({ errorCode: ERROR.NONE, generationId: 1 });
    expect(harness.stateOf()).toBe('Stable');
  });

  it('rebalances when the leader joins again, even unchanged', () => {
    const harness = new Harness();
    const memberId = harness.stableMember();
    expect(harness.joined(harness.join({ memberId })).generationId).toBe(2);
  });

  it('answers the first of two joins of one member, so that replies behind it may leave', () => {
    const harness = new Harness();
    const one = harness.stableMember();
    const two = harness.joinDynamic();
    const repeated = harness.join({ memberId: two.memberId });
    expect(harness.joined(two.ticket).errorCode).toBe(ERROR.REBALANCE_IN_PROGRESS);
    harness.join({ memberId: one });
    expect(harness.joined(repeated).generationId).toBe(2);
  });

  it('keeps the group to its greatest size', () => {
    const harness = new Harness({ maxSize: 2, initialRebalanceDelayMs: 1_000 });
    harness.joinDynamic();
    harness.joinDynamic();
    const third = harness.joined(harness.join());
    expect(third.errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    harness.advance(5_000);
    expect(harness.joined(harness.join()).errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
  });

  it('takes out a new member whose client is gone after five minutes at most', () => {
    const harness = new Harness();
    const one = harness.stableMember({
      sessionTimeoutMs: 1_000_000,
      rebalanceTimeoutMs: 1_000_000,
    });
    const two = harness.joinDynamic();
    harness.shard.drop(two.ticket);
    harness.advance(5 * 60_000 + 1);
    expect(harness.answers.has(two.ticket)).toBe(false);
    const again = harness.join({ memberId: one });
    expect(harness.joined(again).members).toHaveLength(1);
    expect(harness.shard.parkedCount).toBe(0);
  });

  it('copies what members send, since the buffer of the request is used again', () => {
    const harness = new Harness();
    const metadata = subscription(['topic']);
    const { ticket } = harness.joinDynamic({ protocols: [{ name: 'range', metadata }] });
    metadata.fill(0);
    expect(harness.joined(ticket).members[0]!.metadata).toEqual(subscription(['topic']));
  });
});
