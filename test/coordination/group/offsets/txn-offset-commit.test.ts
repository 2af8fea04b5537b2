import { beforeEach, describe, expect, it, test } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import { ZERO_UUID } from '../../../../src/coordination/group/topic-view.ts';
import { API } from '../../../../src/protocol/api-keys.ts';
import { committing, fetchGroup } from '../committing.ts';
import { ConsumerClient } from '../consumer-client.ts';
import { PRODUCER, TransactionalHarness } from '../transactional-harness.ts';

const DAY_MS = 24 * 3_600_000;
const OTHER = PRODUCER + 1;
const NONE = [ERROR.NONE, ERROR.NONE];
let harness: TransactionalHarness;

beforeEach(() => {
  harness = new TransactionalHarness();
  harness.topics.add('topic', 4);
});

function errors(requireStable = true, fields = {}): number[] {
  const topics = [{ name: 'topic', topicId: ZERO_UUID, partitionIndexes: [0, 1] }];
  const [topic] = fetchGroup(harness, { topics, ...fields }, 9, requireStable).topics;
  return topic!.partitions.map(({ errorCode }) => errorCode);
}

describe('offsets within transactions', () => {
  it('are unstable until the end marker, then hold or are void', () => {
    harness.commit('topic', 0, 5);
    expect(harness.commitInTransaction(0, 8)).toBe(ERROR.NONE);
    expect(errors()).toEqual([ERROR.UNSTABLE_OFFSET_COMMIT, ERROR.NONE]);
    expect(errors(false)).toEqual(NONE);
    expect(harness.committed('topic', 0)).toBe(5);
    harness.endTransaction(true);
    expect(errors()).toEqual(NONE);
    expect(harness.committed('topic', 0)).toBe(8);
    harness.commitInTransaction(0, 9);
    harness.endTransaction(false);
    expect(errors()).toEqual(NONE);
    expect(harness.committed('topic', 0)).toBe(8);
  });

  it('are as unstable, held or void when they are loaded from the log', () => {
    harness.commit('topic', 0, 5);
    harness.commitInTransaction(0, 8);
    harness.restart();
    expect(errors()).toEqual([ERROR.UNSTABLE_OFFSET_COMMIT, ERROR.NONE]);
    expect(harness.committed('topic', 0)).toBe(5);
    harness.endTransaction(true);
    harness.commitInTransaction(0, 9);
    harness.endTransaction(false);
    harness.restart();
    expect(errors()).toEqual(NONE);
    expect(harness.committed('topic', 0)).toBe(8);
  });

  it('do nothing until the log has taken them', () => {
    harness.isLogOpen = false;
    harness.commitInTransaction(0, 8);
    expect(harness.appended).toHaveLength(1);
    expect(errors()).toEqual(NONE);
    expect(harness.shard.groupCount).toBe(0);
  });

  it('keep a partition unstable until the last of several transactions ends', () => {
    harness.commitInTransaction(0, 8);
    harness.commitInTransaction(0, 7, { producerId: OTHER });
    harness.endTransaction(true);
    expect(errors()).toEqual([ERROR.UNSTABLE_OFFSET_COMMIT, ERROR.NONE]);
    harness.endTransaction(false, OTHER);
    expect(errors()).toEqual(NONE);
    expect(harness.committed('topic', 0)).toBe(8);
  });

  it('make a fetch of all offsets unstable only where something is committed', () => {
    harness.commit('topic', 0, 5);
    harness.commitInTransaction(0, 8);
    harness.commitInTransaction(1, 8);
    expect(errors(true, { topics: null })).toEqual([ERROR.UNSTABLE_OFFSET_COMMIT]);
  });
});

describe('of a pending offset and a plain commit the later one holds', () => {
  const restart = () => harness.restart();
  const stay = () => undefined;
  test.each([
    ['in memory', stay],
    ['after a restart', restart],
  ])('%s', (_, between) => {
    harness.commitInTransaction(0, 8);
    harness.commit('topic', 0, 3);
    harness.commit('topic', 1, 3);
    harness.commitInTransaction(1, 8);
    between();
    harness.endTransaction(true);
    between();
    expect([harness.committed('topic', 0), harness.committed('topic', 1)]).toEqual([3, 8]);
  });

  test('also of two transactions that end the other way round', () => {
    harness.commitInTransaction(0, 8);
    harness.commitInTransaction(0, 9, { producerId: OTHER });
    harness.endTransaction(true, OTHER);
    harness.endTransaction(true);
    expect(harness.committed('topic', 0)).toBe(9);
    harness.restart();
    expect(harness.committed('topic', 0)).toBe(9);
  });
});

describe('who may commit within a transaction', () => {
  it('of a classic group is a member of its generation, or nobody in particular', () => {
    expect(harness.commitInTransaction(0, 1, { generationId: 1 })).toBe(ERROR.ILLEGAL_GENERATION);
    expect(harness.commitInTransaction(0, 1, { groupId: '' })).toBe(ERROR.INVALID_GROUP_ID);
    const memberId = harness.stableMember();
    const mine = { memberId, generationId: 1 };
    expect(harness.commitInTransaction(0, 1)).toBe(ERROR.NONE);
    expect(harness.commitInTransaction(0, 1, mine)).toBe(ERROR.NONE);
    expect(harness.commitInTransaction(0, 1, { ...mine, generationId: 2 })).toBe(
      ERROR.ILLEGAL_GENERATION,
    );
    const stranger = { memberId: 'stranger', generationId: 1 };
    expect(harness.commitInTransaction(0, 1, stranger)).toBe(ERROR.UNKNOWN_MEMBER_ID);
    const nowhere = {
      topics: [{ name: 'nowhere', partitions: [committing(0, 1)] }],
    };
    expect(harness.commitInTransaction(0, 1, nowhere)).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });

  it('of a classic group commits also while it rebalances', () => {
    const { ticket, memberId } = harness.joinDynamic();
    const { generationId } = harness.joined(ticket);
    expect(harness.stateOf()).toBe('CompletingRebalance');
    expect(harness.commitInTransaction(0, 1, { memberId, generationId })).toBe(ERROR.NONE);
  });

  it('of a consumer group is a member of its epoch, or nobody in particular', () => {
    const client = new ConsumerClient(harness).heartbeat();
    const { memberId, epoch } = client;
    const mine = { memberId, generationId: epoch };
    expect(harness.commitInTransaction(0, 1, mine)).toBe(ERROR.NONE);
    expect(harness.commitInTransaction(0, 1)).toBe(ERROR.NONE);
    expect(harness.commitInTransaction(0, 1, { generationId: -2 })).toBe(ERROR.UNKNOWN_MEMBER_ID);
    expect(harness.commitInTransaction(0, 1, { ...mine, generationId: epoch + 1 })).toBe(
      ERROR.ILLEGAL_GENERATION,
    );
    const asMember = { memberId, memberEpoch: epoch };
    expect(errors(true, asMember)).toEqual([ERROR.UNSTABLE_OFFSET_COMMIT, ERROR.NONE]);
    harness.endTransaction(true);
    expect(errors(true, asMember)).toEqual(NONE);
    expect(harness.committed('topic', 0)).toBe(1);
  });

  it('makes no group beyond the bound', () => {
    harness = new TransactionalHarness({ maxGroups: 1 });
    harness.topics.add('topic', 4);
    expect(harness.commitInTransaction(0, 1)).toBe(ERROR.NONE);
    const another = { groupId: 'another' };
    expect(harness.commitInTransaction(0, 1, another)).toBe(ERROR.GROUP_MAX_SIZE_REACHED);
    expect(harness.shard.groupCount).toBe(1);
  });
});

describe('pending offsets', () => {
  it('keep offsets and their group from expiring, and expire once they hold', () => {
    harness = new TransactionalHarness({ offsetsRetentionMs: DAY_MS });
    harness.topics.add('topic', 4);
    harness.commit('topic', 0, 5);
    harness.commitInTransaction(0, 8);
    harness.commitInTransaction(0, 8, { groupId: 'only pending' });
    harness.advance(2 * DAY_MS);
    expect(harness.committed('topic', 0)).toBe(5);
    expect(harness.shard.groupCount).toBe(2);
    harness.endTransaction(true);
    expect(harness.committed('topic', 0)).toBe(8);
    harness.advance(DAY_MS);
    expect(harness.shard.groupCount).toBe(0);
  });

  /** Each way to delete the offset of partition 0, committed and pending. */
  const deletions: readonly [string, () => void][] = [
    ['their group', () => harness.call(API.DELETE_GROUPS, 2, { groupsNames: ['group'] })],
    [
      'their partition',
      () => {
        const topics = [{ name: 'topic', partitions: [{ partitionIndex: 0 }] }];
        harness.call(API.OFFSET_DELETE, 0, { groupId: 'group', topics });
      },
    ],
    [
      'their topic',
      () => {
        const id = harness.topics.topicId('topic')!;
        harness.take(harness.shard.onTopicDeleted('topic', id, harness.nowMs, harness.wallMs));
      },
    ],
  ];

  test.each(deletions)('go with %s, for every producer', (_, remove) => {
    harness.commitInTransaction(0, 8);
    harness.commitInTransaction(0, 9, { producerId: OTHER });
    remove();
    expect(harness.appended.some(({ value }) => value === null)).toBe(true);
    expect(errors()).toEqual(NONE);
    harness.restart();
    expect(errors()).toEqual(NONE);
    harness.endTransaction(true);
    harness.endTransaction(true, OTHER);
    expect(harness.committed('topic', 0)).toBe(-1);
  });

  it('of a group that was deleted do not hold up the commits of one of its name', () => {
    harness.commitInTransaction(0, 8);
    harness.call(API.DELETE_GROUPS, 2, { groupsNames: ['group'] });
    harness.commit('topic', 0, 2);
    harness.endTransaction(true);
    expect(harness.committed('topic', 0)).toBe(2);
    expect(errors()).toEqual(NONE);
  });
});

describe('a pending offset beyond the end of its log', () => {
  const lower = (offset: number) => {
    const lowered = { groupId: 'group', topic: 'topic', partition: 0, offset };
    const { shard, nowMs, wallMs } = harness;
    harness.take(shard.lowerOffsets([lowered], nowMs, wallMs));
  };

  const pending = () => {
    const groups = [...harness.shard.groups()];
    return groups.flatMap((group) => Array.from(group.pending(), ({ offset }) => offset));
  };

  it('is lowered when it is committed, in the log as well', () => {
    expect(harness.commitInTransaction(0, 100)).toBe(0);
    expect(pending()).toEqual([100]);
    lower(80);
    expect(pending()).toEqual([80]);
    harness.endTransaction(true);
    expect(harness.committed('topic', 0)).toBe(80);
    expect(harness.shard.nextDeadlineMs()).toBeLessThanOrEqual(harness.nowMs);
    harness.take(harness.shard.tick(harness.nowMs, harness.wallMs));
    expect(harness.shard.nextDeadlineMs()).toBeGreaterThan(harness.nowMs);
    harness.restart();
    expect(harness.committed('topic', 0)).toBe(80);
  });

  it('is of no account where it is aborted or replaced', () => {
    harness.commitInTransaction(0, 100);
    lower(80);
    harness.endTransaction(false);
    harness.commitInTransaction(0, 70);
    lower(80);
    harness.endTransaction(true);
    expect(harness.committed('topic', 0)).toBe(70);
    expect(harness.shard.nextDeadlineMs()).toBeGreaterThan(harness.nowMs);
  });
});
