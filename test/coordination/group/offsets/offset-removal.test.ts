import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { API } from '../../../../src/protocol/api-keys.ts';
import { harnessWithTopic } from '../committing.ts';
import { type Harness, subscription } from '../harness.ts';

const DAY_MS = 24 * 3_600_000;

describe('offsets beyond the end of a log', () => {
  it('are lowered to it, in the log too, and only those', () => {
    const harness = harnessWithTopic();
    harness.commit('topic', 0, 20, { groupId: 'simple' });
    harness.commit('topic', 0, 7, { groupId: 'behind' });
    const lowered = ['simple', 'behind', 'nobody'].map((groupId) => {
      return { groupId, topic: 'topic', partition: 0, offset: 12 };
    });
    harness.take(harness.shard.lowerOffsets(lowered, harness.nowMs, harness.wallMs));
    expect(harness.committed('topic', 0, 'simple')).toBe(12);
    expect(harness.committed('topic', 0, 'behind')).toBe(7);
    harness.restart();
    expect(harness.committed('topic', 0, 'simple')).toBe(12);
  });
});

describe('offset expiry', () => {
  it('counts from when the group became empty, and takes the group with it', () => {
    const harness = harnessWithTopic({ offsetsRetentionMs: 7 * DAY_MS });
    const memberId = harness.stableMember();
    harness.commit('topic', 0, 1, { memberId, generationIdOrMemberEpoch: 1 });
    harness.advance(60_000);
    expect(harness.stateOf()).toBe('Empty');
    harness.advance(6 * DAY_MS);
    expect(harness.committed('topic', 0)).toBe(1);
    harness.advance(DAY_MS + 600_000);
    expect(harness.committed('topic', 0)).toBe(-1);
    expect(harness.stateOf()).toBeUndefined();
    expect(harness.compacted()).toEqual([]);
  });

  it('counts from the commit for offsets without a group, and for topics not subscribed to', () => {
    const harness = harnessWithTopic({ offsetsRetentionMs: DAY_MS });
    harness.topics.add('left', 1);
    harness.commit('topic', 0, 1, { groupId: 'simple' });
    const memberId = harness.stableMember({
      sessionTimeoutMs: 1_800_000,
      protocols: [{ name: 'range', metadata: subscription(['topic']) }],
    });
    const fields = { memberId, generationIdOrMemberEpoch: 1 };
    harness.commit('topic', 0, 2, fields);
    harness.commit('left', 0, 3, fields);
    for (let i = 0; i < 100; i++) {
      harness.advance(DAY_MS / 96);
      harness.heartbeat(memberId, 1);
    }
    expect(harness.committed('topic', 0, 'simple')).toBe(-1);
    expect(harness.committed('left', 0)).toBe(-1);
    expect(harness.committed('topic', 0)).toBe(2);
    expect(harness.stateOf()).toBe('Stable');
  });

  it('keeps to the time that a client of old asked for', () => {
    const harness = harnessWithTopic();
    harness.commit('topic', 0, 1, { retentionTimeMs: 3_600_000 }, 4);
    harness.restart();
    harness.advance(3_500_000);
    expect(harness.committed('topic', 0)).toBe(1);
    harness.advance(700_000);
    expect(harness.committed('topic', 0)).toBe(-1);
  });

  it('forgets the offsets of a deleted topic, but not those of its namesake', () => {
    const harness = harnessWithTopic();
    harness.commit('topic', 0, 1);
    const oldId = harness.topics.topicId('topic')!;
    harness.topics.remove('topic');
    harness.topics.add('topic', 2);
    harness.commit('topic', 1, 2);
    harness.take(harness.shard.onTopicDeleted('topic', oldId, harness.nowMs, harness.wallMs));
    expect(harness.committed('topic', 0)).toBe(-1);
    expect(harness.committed('topic', 1)).toBe(2);
  });
});

describe('deleting offsets', () => {
  const remove = (harness: Harness, topic: string) =>
    harness.call<{ errorCode: number; topics: { partitions: { errorCode: number }[] }[] }>(
      API.OFFSET_DELETE,
      0,
      { groupId: 'group', topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }] },
    );

  it('knows no partition that is not there', () => {
    const harness = harnessWithTopic();
    harness.commit('topic', 0, 1);
    const errorOf = (topic: string) => remove(harness, topic).topics[0]!.partitions[0]!.errorCode;
    expect(errorOf('none')).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(errorOf('topic')).toBe(ERROR.NONE);
  });

  it('spares topics that members are subscribed to', () => {
    const harness = harnessWithTopic();
    harness.topics.add('left', 1);
    const memberId = harness.stableMember();
    const fields = { memberId, generationIdOrMemberEpoch: 1 };
    harness.commit('topic', 0, 1, fields);
    harness.commit('left', 0, 2, fields);
    expect(remove(harness, 'topic').topics[0]!.partitions[0]!.errorCode).toBe(
      ERROR.GROUP_SUBSCRIBED_TO_TOPIC,
    );
    expect(remove(harness, 'left').topics[0]!.partitions[0]!.errorCode).toBe(ERROR.NONE);
    expect(harness.committed('left', 0)).toBe(-1);
    expect(harness.committed('topic', 0)).toBe(1);
  });

  it('refuses missing groups and busy groups of another protocol', () => {
    const harness = harnessWithTopic();
    expect(remove(harness, 'topic').errorCode).toBe(ERROR.GROUP_ID_NOT_FOUND);
    harness.stableMember({ protocolType: 'connect' });
    expect(remove(harness, 'topic').errorCode).toBe(ERROR.NON_EMPTY_GROUP);
  });
});
