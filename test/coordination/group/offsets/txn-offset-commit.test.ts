import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { ZERO_UUID } from '../../../../src/coordination/group/topic-view.ts';
import { API } from '../../../../src/protocol/api-keys.ts';
import { committing, fetchGroup, harnessWithTopic } from '../committing.ts';
import type { Harness } from '../harness.ts';

const DAY_MS = 24 * 3_600_000;

describe('offsets within transactions', () => {
  const commit = (harness: Harness, partitionIndex: number, offset: number, fields = {}) => {
    const ticket = harness.send(API.TXN_OFFSET_COMMIT, 5, {
      transactionalId: 'txn',
      groupId: 'group',
      producerId: 77,
      producerEpoch: 3,
      generationId: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [{ name: 'topic', partitions: [committing(partitionIndex, offset)] }],
      ...fields,
    });
    const body = harness.answerOf<{ topics: { partitions: { errorCode: number }[] }[] }>(ticket);
    return body.topics[0]!.partitions[0]!.errorCode;
  };
  const append = (harness: Harness, producerId = 77) => {
    for (const { key, value } of harness.appended) harness.shard.replay(key, value, producerId);
  };
  const topics = [{ name: 'topic', topicId: ZERO_UUID, partitionIndexes: [0, 1] }];
  const errors = (harness: Harness, requireStable: boolean) =>
    fetchGroup(harness, { topics }, 9, requireStable).topics[0]!.partitions.map((p) => p.errorCode);

  it('are unstable until the end marker, then hold or are void', () => {
    const harness = harnessWithTopic();
    harness.commit('topic', 0, 5);
    expect(commit(harness, 0, 8)).toBe(ERROR.NONE);
    append(harness);
    expect(errors(harness, true)).toEqual([ERROR.UNSTABLE_OFFSET_COMMIT, ERROR.NONE]);
    expect(errors(harness, false)).toEqual([ERROR.NONE, ERROR.NONE]);
    expect(harness.committed('topic', 0)).toBe(5);
    harness.shard.endTransaction(77, true);
    expect(errors(harness, true)).toEqual([ERROR.NONE, ERROR.NONE]);
    expect(harness.committed('topic', 0)).toBe(8);
    commit(harness, 0, 9);
    append(harness);
    harness.shard.endTransaction(77, false);
    expect(errors(harness, true)).toEqual([ERROR.NONE, ERROR.NONE]);
    expect(harness.committed('topic', 0)).toBe(8);
  });

  it('do nothing until the log has taken them', () => {
    const harness = harnessWithTopic();
    commit(harness, 0, 8);
    expect(harness.appended).toHaveLength(1);
    expect(errors(harness, true)).toEqual([ERROR.NONE, ERROR.NONE]);
    expect(harness.shard.groupCount).toBe(0);
  });

  it('give way to a plain commit that came after them', () => {
    const harness = harnessWithTopic();
    commit(harness, 0, 8);
    append(harness);
    harness.commit('topic', 0, 3);
    harness.shard.endTransaction(77, true);
    expect(harness.committed('topic', 0)).toBe(3);
  });

  it('are refused from a member that is not what it says', () => {
    const harness = harnessWithTopic();
    expect(commit(harness, 0, 1, { generationId: 1 })).toBe(ERROR.ILLEGAL_GENERATION);
    const memberId = harness.stableMember();
    expect(commit(harness, 0, 1)).toBe(ERROR.NONE);
    expect(commit(harness, 0, 1, { memberId, generationId: 1 })).toBe(ERROR.NONE);
    expect(commit(harness, 0, 1, { memberId, generationId: 2 })).toBe(ERROR.ILLEGAL_GENERATION);
    const stranger = { memberId: 'stranger', generationId: 1 };
    expect(commit(harness, 0, 1, stranger)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    const nowhere = { topics: [{ name: 'nowhere', partitions: [committing(0, 1)] }] };
    expect(commit(harness, 0, 1, nowhere)).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });

  it('keep offsets from expiring and go with a deleted group', () => {
    const harness = harnessWithTopic({ offsetsRetentionMs: DAY_MS });
    harness.commit('topic', 0, 5);
    commit(harness, 0, 8);
    append(harness);
    harness.advance(2 * DAY_MS);
    expect(harness.committed('topic', 0)).toBe(5);
    const request = { groupsNames: ['group'] };
    harness.call(API.DELETE_GROUPS, 2, request);
    expect(errors(harness, true)).toEqual([ERROR.NONE, ERROR.NONE]);
    harness.shard.endTransaction(77, true);
    expect(harness.committed('topic', 0)).toBe(-1);
  });
});
