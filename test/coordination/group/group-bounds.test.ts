import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import {
  GROUP_BYTES_MAX,
  MEMBER_BYTES_MAX,
  PENDING_JOINS_MAX,
} from '../../../src/coordination/group/group-bounds.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { JoinGroupResponse } from '../../../src/protocol/schema/11-join-group.ts';
import { harnessWithTopic } from './committing.ts';
import { ConsumerClient } from './consumer-client.ts';
import { type Harness, subscription } from './harness.ts';

function saying(bytes: number) {
  return { protocols: [{ name: 'range', metadata: Buffer.alloc(bytes - 'range'.length) }] };
}

function join(harness: Harness, fields: object, version = 9): JoinGroupResponse {
  return harness.answerOf<JoinGroupResponse>(harness.join(fields, version));
}

describe('pending joins', () => {
  it('are bounded: the oldest id is forgotten, and its client begins again', () => {
    const harness = harnessWithTopic();
    const ids = Array.from({ length: PENDING_JOINS_MAX + 1 }, (_, i) => {
      return join(harness, { groupId: `group ${i % 7}` }).memberId;
    });
    const groupOf = (i: number) => `group ${i % 7}`;
    const first = join(harness, { groupId: groupOf(0), memberId: ids[0]! });
    expect(first.errorCode).toBe(ERROR.UNKNOWN_MEMBER_ID);
    const again = harness.joinDynamic({ groupId: groupOf(0) });
    expect(again.memberId).not.toBe(ids[0]);
    const late = PENDING_JOINS_MAX;
    const ticket = harness.join({ groupId: groupOf(late), memberId: ids[late]! });
    harness.advance(60_000);
    expect(harness.joined(ticket).errorCode).toBe(0);
  });

  it('that are used or over make room', () => {
    const harness = harnessWithTopic();
    for (let i = 0; i < 3 * PENDING_JOINS_MAX; i++) {
      if (i % 1000 === 0) harness.advance(11_000);
      join(harness, { groupId: 'group' });
    }
    const { memberId } = harness.joinDynamic();
    expect(memberId).not.toBe('');
  });
});

describe('what members say of themselves', () => {
  it('is bounded for each of them', () => {
    const harness = harnessWithTopic();
    const refused = join(harness, saying(MEMBER_BYTES_MAX + 1));
    expect(refused.errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(harness.stateOf()).toBeUndefined();
    const { ticket } = harness.joinDynamic(saying(MEMBER_BYTES_MAX));
    expect(harness.joined(ticket).errorCode).toBe(0);
  });

  it('is bounded for the group, which goes on', () => {
    const harness = harnessWithTopic();
    const most = GROUP_BYTES_MAX / MEMBER_BYTES_MAX;
    const tickets: number[] = [];
    for (let i = 0; i < most; i++) {
      tickets.push(harness.join({ ...saying(MEMBER_BYTES_MAX), memberId: '' }, 3));
    }
    const refused = join(harness, { ...saying(100), memberId: '' }, 3);
    expect(refused.errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    harness.advance(60_000);
    const errors = tickets.map((ticket) => harness.joined(ticket).errorCode);
    expect(errors).toEqual(new Array(most).fill(0));
  });

  it('is bounded in what a leader assigns', () => {
    const harness = harnessWithTopic();
    const { ticket, memberId } = harness.joinDynamic();
    const { generationId } = harness.joined(ticket);
    const assignments = Array.from({ length: 17 }, () => {
      return { memberId, assignment: Buffer.alloc(MEMBER_BYTES_MAX) };
    });
    const sync = harness.sync({ memberId, generationId, assignments });
    expect(harness.synced(sync).errorCode).toBe(ERROR.INVALID_REQUEST);
  });
});

describe('members of the new protocol', () => {
  /** Names of about a megabyte of memory. */
  const names = Array.from({ length: 20_000 }, (_, i) => `${i}`.padStart(20, 'n'));
  const most = Math.floor(GROUP_BYTES_MAX / (names.length * (20 + 32) + 1200));

  it('take a bounded memory together, and those that are there go on', () => {
    const harness = harnessWithTopic();
    const members = Array.from({ length: most }, () => new ConsumerClient(harness));
    for (const member of members) member.topics = names;
    for (const member of members) expect(member.heartbeat().errorCode).toBe(0);
    const late = new ConsumerClient(harness, { topics: names });
    expect(late.heartbeat().errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    const small = new ConsumerClient(harness, { topics: ['topic'] });
    expect(small.heartbeat().errorCode).toBe(0);
    const more = small.send({ subscribedTopicNames: names });
    expect(more.errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    for (const member of members) expect(member.heartbeat().errorCode).toBe(0);
    const again = members[0]!.send({ subscribedTopicNames: names });
    expect(again.errorCode).toBe(0);
    members[0]!.leave();
    expect(late.heartbeat().errorCode).toBe(0);
  });

  it('count with each expression as many topics as there are', () => {
    const harness = harnessWithTopic();
    const topics = 20_000;
    for (let i = 0; i < topics; i++) harness.topics.add(`many-${i}`, 1);
    const each = topics * 32;
    let taken = 0;
    let last = 0;
    while (last === 0 && taken < 1000) {
      const member = new ConsumerClient(harness, { topics: [], regex: `many-.*|${taken}` });
      last = member.heartbeat().errorCode;
      taken++;
    }
    expect(last).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    expect(taken).toBeGreaterThan(20);
    expect(taken).toBeLessThan(GROUP_BYTES_MAX / each + 2);
    const same = new ConsumerClient(harness, { topics: [], regex: 'many-.*|0' });
    expect(same.heartbeat().errorCode).toBe(0);
  });

  it('count with those of the classic protocol beside them', () => {
    const harness = harnessWithTopic();
    expect(new ConsumerClient(harness).heartbeat().errorCode).toBe(0);
    const classic = (bytes: number): number => {
      const range = { name: 'range', metadata: subscription(['topic']) };
      const other = { name: 'other', metadata: Buffer.alloc(bytes) };
      return join(harness, { protocols: [range, other], memberId: '' }, 3).errorCode;
    };
    expect(classic(MEMBER_BYTES_MAX)).toBe(ERROR.INVALID_REQUEST);
    const bytes = MEMBER_BYTES_MAX - 1000;
    for (let i = 1; i < GROUP_BYTES_MAX / MEMBER_BYTES_MAX; i++) expect(classic(bytes)).toBe(0);
    expect(classic(bytes)).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
  });

  it('of other groups are not concerned', () => {
    const harness = harnessWithTopic();
    for (let i = 0; i <= most; i++) {
      const member = new ConsumerClient(harness, { groupId: `group ${i}`, topics: names });
      expect(member.heartbeat().errorCode).toBe(0);
    }
  });
});

describe('groups', () => {
  it('are bounded, however they are made; those that are there go on', () => {
    const harness = harnessWithTopic({ maxGroups: 2 });
    harness.commit('topic', 0, 1, { groupId: 'one' });
    const memberId = harness.stableMember({ groupId: 'two' });
    expect(memberId).not.toBe('');
    const refused = join(harness, { groupId: 'three' });
    expect(refused.errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    const heartbeat = harness.call<{ errorCode: number }>(API.CONSUMER_GROUP_HEARTBEAT, 1, {
      groupId: 'four',
      memberId: 'fresh',
      memberEpoch: 0,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: 1000,
      subscribedTopicNames: ['topic'],
      subscribedTopicRegex: null,
      serverAssignor: null,
      topicPartitions: [],
    });
    expect(heartbeat.errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    harness.commit('topic', 0, 2, { groupId: 'one' });
    expect(harness.committed('topic', 0, 'one')).toBe(2);
    harness.commit('topic', 0, 2, { groupId: 'five' });
    expect(harness.committed('topic', 0, 'five')).toBe(-1);
  });
});
