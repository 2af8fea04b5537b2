import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { ZERO_UUID } from '../../../../src/coordination/group/topic-view.ts';
import { commitAll, committing, fetchGroup, harnessWithTopic } from '../committing.ts';
import { Harness } from '../harness.ts';

describe('committing offsets', () => {
  it('lets the late, smaller commit win, and a reader of the group resumes from it', () => {
    const harness = harnessWithTopic();
    expect(harness.commit('topic', 0, 6)).toBe(ERROR.NONE);
    expect(harness.committed('topic', 0)).toBe(6);
    expect(harness.commit('topic', 0, 2)).toBe(ERROR.NONE);
    expect(harness.committed('topic', 0)).toBe(2);
    harness.restart();
    expect(harness.committed('topic', 0)).toBe(2);
  });

  it('gives the record and the answer in one step, so that the answer can wait for the log', () => {
    const harness = harnessWithTopic();
    harness.commit('topic', 1, 5);
    expect(harness.appended).toHaveLength(1);
  });

  it('takes commits of clients without a group membership while nobody is a member', () => {
    const harness = harnessWithTopic();
    expect(harness.commit('topic', 0, 1)).toBe(ERROR.NONE);
    expect(harness.stateOf()).toBe('Empty');
    harness.stableMember();
    expect(harness.commit('topic', 0, 2)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(harness.committed('topic', 0)).toBe(1);
  });

  it('checks member and generation', () => {
    const harness = harnessWithTopic();
    const memberId = harness.stableMember();
    const commit = (fields: object) => harness.commit('topic', 0, 3, { memberId, ...fields });
    expect(commit({ generationIdOrMemberEpoch: 1 })).toBe(ERROR.NONE);
    expect(commit({ generationIdOrMemberEpoch: 0 })).toBe(ERROR.ILLEGAL_GENERATION);
    expect(commit({ generationIdOrMemberEpoch: 2 })).toBe(ERROR.ILLEGAL_GENERATION);
    expect(commit({ generationIdOrMemberEpoch: -1 })).toBe(ERROR.ILLEGAL_GENERATION);
    const stranger = { memberId: 'stranger', generationIdOrMemberEpoch: 1 };
    expect(commit(stranger)).toBe(ERROR.UNKNOWN_MEMBER_ID);
  });

  it('tells a member whose share is not there yet to wait for the rebalance', () => {
    const harness = harnessWithTopic();
    const { ticket, memberId } = harness.joinDynamic();
    const { generationId } = harness.joined(ticket);
    const fields = { memberId, generationIdOrMemberEpoch: generationId };
    expect(harness.commit('topic', 0, 3, fields)).toBe(ERROR.REBALANCE_IN_PROGRESS);
  });

  it('takes a commit while members rejoin, and keeps the session alive by it', () => {
    const harness = harnessWithTopic();
    const memberId = harness.stableMember();
    harness.joinDynamic();
    for (let i = 0; i < 5; i++) {
      harness.advance(8_000);
      const fields = { memberId, generationIdOrMemberEpoch: 1 };
      expect(harness.commit('topic', 0, i, fields)).toBe(ERROR.NONE);
    }
  });

  it('says that a group is missing in the words of the version', () => {
    const harness = harnessWithTopic();
    const fields = { memberId: 'm', generationIdOrMemberEpoch: 1 };
    expect(harness.commit('topic', 0, 1, fields, 9)).toBe(ERROR.GROUP_ID_NOT_FOUND);
    expect(harness.commit('topic', 0, 1, fields, 8)).toBe(ERROR.ILLEGAL_GENERATION);
  });

  it('refuses oversized metadata and unknown topics, partition by partition', () => {
    const harness = harnessWithTopic({ offsetMetadataMaxBytes: 10 });
    const body = commitAll(harness, 9, {
      topics: [
        {
          name: 'topic',
          topicId: ZERO_UUID,
          partitions: [committing(0, 1, 'x'.repeat(11)), committing(1, 2)],
        },
        { name: 'nowhere', topicId: ZERO_UUID, partitions: [committing(0, 1)] },
      ],
    });
    expect(body.topics.map(({ partitions }) => partitions.map((p) => p.errorCode))).toEqual([
      [ERROR.OFFSET_METADATA_TOO_LARGE, ERROR.NONE],
      [ERROR.UNKNOWN_TOPIC_OR_PARTITION],
    ]);
    expect(harness.appended).toHaveLength(1);
    expect(harness.committed('topic', 1)).toBe(2);
  });

  it('refuses partitions that the topic does not have', () => {
    const harness = harnessWithTopic();
    const partitions = [-1, 3, 4, 2_000_000_000].map((index) => committing(index, 1));
    const body = commitAll(harness, 9, {
      topics: [{ name: 'topic', topicId: ZERO_UUID, partitions }],
    });
    const unknown = ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    expect(body.topics[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([
      unknown,
      ERROR.NONE,
      unknown,
      unknown,
    ]);
    expect(harness.appended).toHaveLength(1);
    expect(harness.commit('topic', 9, 1, { groupId: 'none' })).toBe(unknown);
    expect(harness.shard.groupCount).toBe(1);
  });

  it('does not make a group of a commit for topics that do not exist', () => {
    const harness = new Harness();
    expect(harness.commit('nowhere', 0, 1)).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
    expect(harness.shard.groupCount).toBe(0);
  });

  it('names topics by id from version 10 on', () => {
    const harness = harnessWithTopic();
    const topicId = harness.topics.topicId('topic')!;
    const unknown = Buffer.alloc(16, 9).toString('base64url');
    const body = commitAll(harness, 10, {
      topics: [
        { name: '', topicId, partitions: [committing(0, 42)] },
        { name: '', topicId: unknown, partitions: [committing(0, 1)] },
      ],
    });
    expect(body.topics[0]).toMatchObject({ topicId, partitions: [{ errorCode: ERROR.NONE }] });
    expect(body.topics[1]!.partitions[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_ID);
    const topics = [topicId, unknown].map((id) => ({
      name: '',
      topicId: id,
      partitionIndexes: [0],
    }));
    const read = fetchGroup(harness, { topics }, 10);
    expect(read.topics[0]!.partitions[0]).toMatchObject({
      committedOffset: 42,
      committedLeaderEpoch: 7,
    });
    expect(read.topics[1]!.partitions[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_ID);
  });
});
