import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { ZERO_UUID } from '../../../../src/coordination/group/topic-view.ts';
import { API } from '../../../../src/protocol/api-keys.ts';
import type { OffsetFetchResponse } from '../../../../src/protocol/schema/09-offset-fetch.ts';
import { fetchGroup, harnessWithTopic } from '../committing.ts';

describe('fetching offsets', () => {
  it('answers -1 without an error where nothing was committed', () => {
    const harness = harnessWithTopic();
    const topics = [{ name: 'topic', topicId: ZERO_UUID, partitionIndexes: [3] }];
    expect(fetchGroup(harness, { topics })).toEqual({
      groupId: 'group',
      errorCode: ERROR.NONE,
      topics: [
        {
          name: 'topic',
          topicId: ZERO_UUID,
          partitions: [
            {
              partitionIndex: 3,
              committedOffset: -1,
              committedLeaderEpoch: -1,
              metadata: '',
              errorCode: ERROR.NONE,
            },
          ],
        },
      ],
    });
  });

  it('gives everything of a group when it is not told the topics', () => {
    const harness = harnessWithTopic();
    harness.topics.add('other', 1);
    harness.commit('topic', 0, 1);
    harness.commit('topic', 2, 3);
    harness.commit('other', 0, 5);
    const read = fetchGroup(harness, {});
    const flat = read.topics.flatMap(({ name, partitions }) =>
      partitions.map((p) => `${name}-${p.partitionIndex}@${p.committedOffset}`),
    );
    expect(flat).toEqual(['topic-0@1', 'topic-2@3', 'other-0@5']);
  });

  it('answers several groups at once, and one in the old way', () => {
    const harness = harnessWithTopic();
    harness.commit('topic', 0, 1, { groupId: 'a' });
    harness.commit('topic', 0, 2, { groupId: 'b' });
    const groups = ['a', 'b', 'none'].map((groupId) => ({
      groupId,
      memberId: null,
      memberEpoch: -1,
      topics: null,
    }));
    const many = { groupId: '', topics: [], groups, requireStable: false };
    const body = harness.call<OffsetFetchResponse>(API.OFFSET_FETCH, 8, many);
    const offsets = body.groups.map((g) => g.topics[0]?.partitions[0]?.committedOffset);
    expect(offsets).toEqual([1, 2, undefined]);
    const topics = [{ name: 'topic', partitionIndexes: [0] }];
    const one = { groupId: 'b', topics, groups: [], requireStable: false };
    const old = harness.call<OffsetFetchResponse>(API.OFFSET_FETCH, 5, one);
    expect(old.topics[0]!.partitions[0]!.committedOffset).toBe(2);
  });

  it('does not give an offset of a topic that was since made anew', () => {
    const harness = harnessWithTopic();
    harness.commit('topic', 0, 9);
    harness.topics.remove('topic');
    const topicId = harness.topics.add('topic', 4);
    const topics = [{ name: '', topicId, partitionIndexes: [0] }];
    const read = fetchGroup(harness, { topics }, 10);
    expect(read.topics[0]!.partitions[0]!.committedOffset).toBe(-1);
  });
});
