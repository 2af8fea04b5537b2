import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../../src/base/errors.ts';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { GroupShard } from '../../../src/coordination/group/shard.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { JoinGroupResponse } from '../../../src/protocol/schema/11-join-group.ts';
import { Harness, seeded, subscription } from './harness.ts';

/** What must come back after a restart: offsets always, generations that have been written down. */
function persistent(shard: GroupShard, stable: ReadonlySet<string>): object {
  const picture: Record<string, object> = {};
  for (const group of shard.groups()) {
    picture[group.groupId] = {
      type: group.type,
      generation: stable.has(group.groupId)
        ? [group.state, group.epoch, group.protocolType, [...group.members()]]
        : null,
      offsets: Object.fromEntries(
        [...group.offsets()].map(({ sequence, ...offset }) => [
          `${offset.topic}-${offset.partition}`,
          offset,
        ]),
      ),
    };
  }
  return picture;
}

function settledGroups(shard: GroupShard): Set<string> {
  const settled = new Set<string>();
  for (const group of shard.groups()) if (group.state === 'Stable') settled.add(group.groupId);
  return settled;
}

class Actor {
  readonly groupId: string;
  readonly instanceId: string | null;
  memberId = '';
  generationId = -1;
  ticket = -1;

  constructor(groupId: string, instanceId: string | null) {
    this.groupId = groupId;
    this.instanceId = instanceId;
  }

  get fields() {
    return { groupId: this.groupId, memberId: this.memberId, groupInstanceId: this.instanceId };
  }

  join(harness: Harness, topics: string[]): void {
    const protocols = [{ name: 'range', metadata: subscription(topics) }];
    this.ticket = harness.join({ ...this.fields, protocols });
    this.poll(harness);
  }

  /** Looks whether the join was answered, and syncs if it was. */
  poll(harness: Harness): void {
    const body = harness.answers.get(this.ticket) as JoinGroupResponse | undefined;
    if (body === undefined) return;
    this.ticket = -1;
    if (body.errorCode === ERROR.UNKNOWN_MEMBER_ID) this.memberId = '';
    if (body.errorCode === ERROR.MEMBER_ID_REQUIRED) this.memberId = body.memberId;
    if (body.errorCode !== ERROR.NONE) return;
    this.memberId = body.memberId;
    this.generationId = body.generationId;
    const assignments = body.members.map(({ memberId }) => ({
      memberId,
      assignment: Buffer.from(`${body.generationId}:${memberId}`),
    }));
    harness.sync({ ...this.fields, generationId: this.generationId, assignments });
  }
}

function randomStep(harness: Harness, actors: Actor[], random: () => number): void {
  const actor = actors[Math.floor(random() * actors.length)]!;
  const dice = random();
  if (dice < 0.4) {
    actor.join(harness, random() < 0.8 ? ['topic'] : ['topic', 'other']);
  } else if (dice < 0.6) {
    const topic = random() < 0.5 ? 'topic' : 'other';
    harness.commit(topic, Math.floor(random() * 4), Math.floor(random() * 100), {
      ...actor.fields,
      generationIdOrMemberEpoch: actor.generationId,
    });
  } else if (dice < 0.7) {
    harness.call(API.LEAVE_GROUP, 5, {
      groupId: actor.groupId,
      memberId: '',
      members: [{ memberId: actor.memberId, groupInstanceId: actor.instanceId, reason: null }],
    });
    actor.memberId = '';
    actor.generationId = -1;
  } else if (dice < 0.75) {
    harness.call(API.OFFSET_DELETE, 0, {
      groupId: actor.groupId,
      topics: [{ name: 'other', partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }],
    });
  } else if (dice < 0.78) {
    harness.call(API.DELETE_GROUPS, 2, { groupsNames: [actor.groupId] });
  } else {
    harness.advance(Math.floor(random() * 4_000));
  }
  for (const each of actors) each.poll(harness);
}

describe('replaying the log', () => {
  it.each([1, 2, 3, 4, 5, 6])('gives back what was written down (seed %i)', (seed) => {
    const random = seeded(seed);
    const harness = new Harness({
      offsetsRetentionMs: 600_000,
      offsetsRetentionCheckIntervalMs: 30_000,
    });
    harness.topics.add('topic', 4);
    harness.topics.add('other', 4);
    const actors = Array.from(
      { length: 12 },
      (_, i) => new Actor(`group-${i % 3}`, i % 4 === 0 ? `instance-${i}` : null),
    );
    for (let step = 0; step < 1_500; step++) {
      randomStep(harness, actors, random);
      if (step % 50 !== 0) continue;
      const stable = settledGroups(harness.shard);
      const live = persistent(harness.shard, stable);
      expect(persistent(harness.reload(), stable)).toEqual(live);
      expect(persistent(harness.reload(harness.compacted()), stable)).toEqual(live);
    }
    expect(harness.log.length).toBeGreaterThan(200);
  });

  it('lets members go on with their generation after a restart, without a rebalance', () => {
    const harness = new Harness();
    const memberId = harness.stableMember();
    harness.restart();
    expect(harness.heartbeat(memberId, 1)).toBe(ERROR.NONE);
    harness.advance(10_001);
    expect(harness.heartbeat(memberId, 1)).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it('makes everyone join again where the greatest size was lowered', () => {
    const harness = new Harness({ initialRebalanceDelayMs: 1_000 });
    const one = harness.joinDynamic();
    const two = harness.joinDynamic();
    harness.advance(3_000);
    harness.sync({ memberId: two.memberId });
    harness.sync({ memberId: one.memberId });
    (harness.settings as { maxSize: number }).maxSize = 1;
    harness.restart();
    expect(harness.heartbeat(one.memberId, 1)).toBe(ERROR.REBALANCE_IN_PROGRESS);
    harness.join({ memberId: one.memberId });
    const late = harness.joined(harness.join({ memberId: two.memberId }));
    expect(late.errorCode).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
  });

  it('passes over kinds of records that it does not keep', () => {
    const harness = new Harness();
    const shard = harness.newShard();
    shard.replay(Buffer.from([0, 11, 0, 1, 0x61]), null);
    expect(shard.groupCount).toBe(0);
  });

  it('refuses a record that is cut short instead of guessing', () => {
    const harness = new Harness();
    harness.stableMember();
    const { key, value } = harness.log.at(-1)!;
    const shard = harness.newShard();
    expect(() => shard.replay(key, value!.subarray(0, value!.length - 3))).toThrow(MillraceError);
  });
});

describe('unloading a shard', () => {
  it('answers everyone who waits and leaves nothing', () => {
    const harness = new Harness();
    harness.stableMember();
    const two = harness.joinDynamic();
    harness.take(harness.shard.unload());
    expect(harness.joined(two.ticket).errorCode).toBe(ERROR.NOT_COORDINATOR);
    expect(harness.shard.parkedCount).toBe(0);
    expect(harness.shard.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
  });
});
