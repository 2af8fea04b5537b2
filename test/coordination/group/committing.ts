import { API } from '../../../src/protocol/api-keys.ts';
import type { OffsetCommitResponse } from '../../../src/protocol/schema/08-offset-commit.ts';
import type {
  OffsetFetchRequestGroup,
  OffsetFetchResponse,
} from '../../../src/protocol/schema/09-offset-fetch.ts';
import { Harness } from './harness.ts';

/** The group 'group' and the topic 'topic', as the tests of offsets use them. */
export function harnessWithTopic(settings = {}): Harness {
  const harness = new Harness(settings);
  harness.topics.add('topic', 4);
  return harness;
}

export function fetchGroup(
  harness: Harness,
  group: Partial<OffsetFetchRequestGroup>,
  version = 9,
  requireStable = false,
) {
  const asked = { groupId: 'group', memberId: null, memberEpoch: -1, topics: null, ...group };
  const request = { groupId: '', topics: [], groups: [asked], requireStable };
  return harness.call<OffsetFetchResponse>(API.OFFSET_FETCH, version, request).groups[0]!;
}

export function commitAll(harness: Harness, version: number, fields: object): OffsetCommitResponse {
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

export function committing(
  partitionIndex: number,
  committedOffset: number,
  metadata: string | null = '',
) {
  return {
    partitionIndex,
    committedOffset,
    committedLeaderEpoch: 7,
    committedMetadata: metadata,
  };
}
