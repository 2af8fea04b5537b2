import { describe, expect, it } from 'vitest';
import { ZERO_UUID } from '../../../src/coordination/group/topic-view.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { ERROR } from '../../../src/protocol/error-codes.ts';
import type { OffsetCommitResponse } from '../../../src/protocol/schema/08-offset-commit.ts';
import type {
  OffsetFetchRequestGroup,
  OffsetFetchResponse,
} from '../../../src/protocol/schema/09-offset-fetch.ts';
import { Harness, subscription } from './harness.ts';

const DAY_MS = 24 * 3_600_000;

function harnessWithTopic(settings = {}): Harness {
  const harness = new Harness(settings);
  harness.topics.add('topic', 4);
  return harness;
}

function fetchGroup(
  harness: Harness,
  group: Partial<OffsetFetchRequestGroup>,
  version = 9,
  requireStable = false,
) {
  const asked = { groupId: 'group', memberId: null, memberEpoch: -1, topics: null, ...group };
  const request = { groupId: '', topics: [], groups: [asked], requireStable };
  return harness.call<OffsetFetchResponse>(API.OFFSET_FETCH, version, request).groups[0]!;
}

function commitAll(harness: Harness, version: number, fields: object): OffsetCommitResponse {
  return harness.call<OffsetCommitResponse>(API.OFFSET_COMMIT, version, {
    groupId: 'group',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    retentionTimeMs: -1,
    topics: [],
    ...fields,
  });
}

function partition(partitionIndex: number, committedOffset: number, metadata: string | null = '') {
  return {
    partitionIndex,
    committedOffset,
    committedLeaderEpoch: 7,
    committedMetadata: metadata,
  };
}

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
          partitions: [partition(0, 1, 'x'.repeat(11)), partition(1, 2)],
        },
        { name: 'nowhere', topicId: ZERO_UUID, partitions: [partition(0, 1)] },
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
    const partitions = [-1, 3, 4, 2_000_000_000].map((index) => partition(index, 1));
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
        { name: '', topicId, partitions: [partition(0, 42)] },
        { name: '', topicId: unknown, partitions: [partition(0, 1)] },
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
      topics: [{ name: 'topic', partitions: [partition(partitionIndex, offset)] }],
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
    const nowhere = { topics: [{ name: 'nowhere', partitions: [partition(0, 1)] }] };
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
