import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { DescribeGroupsResponse } from '../../../src/protocol/schema/15-describe-groups.ts';
import type { ListGroupsResponse } from '../../../src/protocol/schema/16-list-groups.ts';
import type { DeleteGroupsResponse } from '../../../src/protocol/schema/42-delete-groups.ts';
import type { ConsumerGroupDescribeResponse } from '../../../src/protocol/schema/69-consumer-group-describe.ts';
import { Harness } from './harness.ts';

function list(harness: Harness, statesFilter: string[] = [], typesFilter: string[] = []): string[] {
  const body = harness.call<ListGroupsResponse>(API.LIST_GROUPS, 5, { statesFilter, typesFilter });
  return body.groups.map(({ groupId }) => groupId);
}

function describeGroup(harness: Harness, groupId: string, version = 6) {
  const request = { groups: [groupId], includeAuthorizedOperations: false };
  return harness.call<DescribeGroupsResponse>(API.DESCRIBE_GROUPS, version, request).groups[0]!;
}

function operationsOf(harness: Harness, groupId: string) {
  const asked = { includeAuthorizedOperations: true };
  const classic = harness.call<DescribeGroupsResponse>(API.DESCRIBE_GROUPS, 6, {
    groups: [groupId],
    ...asked,
  });
  const consumer = harness.call<ConsumerGroupDescribeResponse>(API.CONSUMER_GROUP_DESCRIBE, 1, {
    groupIds: [groupId],
    ...asked,
  });
  return [classic, consumer].map(({ groups }) => groups[0]!.authorizedOperations);
}

function deleteGroup(harness: Harness, groupId: string): number {
  const request = { groupsNames: [groupId] };
  const body = harness.call<DeleteGroupsResponse>(API.DELETE_GROUPS, 2, request);
  return body.results[0]!.errorCode;
}

function peopled(): Harness {
  const harness = new Harness();
  harness.topics.add('topic', 1);
  harness.commit('topic', 0, 1, { groupId: 'simple' });
  harness.stableMember({ groupId: 'busy' });
  return harness;
}

describe('listing and describing groups', () => {
  it('tells what may be done with a group only where it describes it', () => {
    const harness = peopled();
    const notAsked = -2_147_483_648;
    expect(operationsOf(harness, 'busy')).toEqual([3400, notAsked]);
    expect(operationsOf(harness, 'none')).toEqual([notAsked, notAsked]);
  });

  it('lists by state and type, whatever the case', () => {
    const harness = peopled();
    expect(list(harness)).toEqual(['simple', 'busy']);
    expect(list(harness, ['stable'])).toEqual(['busy']);
    expect(list(harness, ['EMPTY', ' Stable '])).toEqual(['simple', 'busy']);
    expect(list(harness, ['Dead'])).toEqual([]);
    expect(list(harness, [], ['Classic'])).toEqual(['simple', 'busy']);
    expect(list(harness, [], ['consumer'])).toEqual([]);
    expect(list(harness, [], ['nonsense'])).toEqual([]);
  });

  it('describes members with what they said and what they have', () => {
    const group = describeGroup(peopled(), 'busy');
    expect(group).toMatchObject({
      errorCode: ERROR.NONE,
      groupState: 'Stable',
      protocolType: 'consumer',
      protocolData: 'range',
    });
    expect(group.members).toHaveLength(1);
    expect(group.members[0]).toMatchObject({ clientId: 'client', clientHost: '/127.0.0.1' });
    expect(group.members[0]!.memberAssignment.toString()).toBe('mine');
    expect(group.members[0]!.memberMetadata.length).toBeGreaterThan(0);
  });

  it('calls a missing group dead, and from version 6 on an error', () => {
    const harness = new Harness();
    expect(describeGroup(harness, 'none', 5)).toMatchObject({
      errorCode: ERROR.NONE,
      groupState: 'Dead',
    });
    expect(describeGroup(harness, 'none')).toMatchObject({
      errorCode: ERROR.GROUP_ID_NOT_FOUND,
      errorMessage: 'Group none not found.',
      groupState: 'Dead',
    });
  });
});

describe('deleting groups', () => {
  it('takes out an empty group with its offsets and leaves nothing in the log', () => {
    const harness = peopled();
    expect(deleteGroup(harness, 'simple')).toBe(ERROR.NONE);
    expect(deleteGroup(harness, 'simple')).toBe(ERROR.GROUP_ID_NOT_FOUND);
    expect(list(harness)).toEqual(['busy']);
    expect(harness.reload(harness.compacted()).groupCount).toBe(1);
  });

  it('refuses a group with members', () => {
    expect(deleteGroup(peopled(), 'busy')).toBe(ERROR.NON_EMPTY_GROUP);
  });

  it('leaves no deadline behind', () => {
    const harness = new Harness();
    harness.join({ groupId: 'pending' });
    expect(deleteGroup(harness, 'pending')).toBe(ERROR.NONE);
    expect(harness.shard.nextDeadlineMs()).toBe(1_000 + 600_000);
  });
});

describe('the view for metrics', () => {
  it('shows states, members and offsets', () => {
    const harness = peopled();
    const groups = [...harness.shard.groups()];
    expect(groups.map(({ groupId, state, memberCount }) => [groupId, state, memberCount])).toEqual([
      ['simple', 'Empty', 0],
      ['busy', 'Stable', 1],
    ]);
    expect([...groups[0]!.offsets()]).toMatchObject([{ topic: 'topic', partition: 0, offset: 1 }]);
    expect([...groups[1]!.members()]).toMatchObject([{ clientId: 'client' }]);
  });
});
