import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { refuseGroupRequest } from '../../../src/coordination/group/refusals.ts';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { codecFor } from '../../../src/protocol/api-registry.ts';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../../src/protocol/frames.ts';
import { ConsumerClient } from './consumer-client.ts';
import { Harness, joinRequest } from './harness.ts';
import { StreamsClient, simpleTopology } from './streams-client.ts';

/** Sends a request as bytes and gives the answer as bytes would bring it. */
function overTheWire(harness: Harness, apiKey: ApiKey, version: number, request: object): object {
  const header = { correlationId: 7, clientId: 'client' };
  const bytes = encodeRequest(apiKey, version, header, request as never);
  const { body } = decodeRequest(apiKey, version, bytes);
  const answer = harness.call(apiKey, version, body as object);
  bytes.fill(0xff);
  const encoded = encodeResponse(apiKey, version, 7, { throttleTimeMs: 0, ...answer } as never);
  return decodeResponse(apiKey, version, encoded).body as object;
}

function versionsOf(apiKey: ApiKey): number[] {
  const { lowestVersion, latestVersion } = codecFor(apiKey);
  const count = latestVersion - lowestVersion + 1;
  return Array.from({ length: count }, (_, i) => lowestVersion + i);
}

/** All kinds of groups with members and offsets. */
function peopled(): { harness: Harness; memberId: string } {
  const harness = new Harness();
  harness.topics.add('topic', 2);
  const memberId = harness.stableMember();
  new ConsumerClient(harness, { groupId: 'new' }).heartbeat();
  new StreamsClient(harness, { groupId: 'streams' }).heartbeat();
  harness.commit('topic', 0, 5, { memberId, generationIdOrMemberEpoch: 1 });
  return { harness, memberId };
}

function requests(harness: Harness, memberId: string, version: number): [ApiKey, object][] {
  const topicId = harness.topics.topicId('topic')!;
  const identity = { groupId: 'group', memberId, groupInstanceId: null };
  const partitions = [
    { partitionIndex: 0, committedOffset: 9, committedLeaderEpoch: -1, committedMetadata: 'm' },
  ];
  const fetched = [{ name: 'topic', topicId, partitionIndexes: [0, 1] }];
  const whole = { groupId: 'group', memberId: null, memberEpoch: -1, topics: null };
  const some = { ...whole, topics: fetched };
  return [
    [
      API.OFFSET_COMMIT,
      {
        ...identity,
        generationIdOrMemberEpoch: 1,
        topics: [{ name: 'topic', topicId, partitions }],
      },
    ],
    [
      API.TXN_OFFSET_COMMIT,
      {
        transactionalId: 'txn',
        groupId: 'group',
        producerId: 5,
        producerEpoch: 0,
        topics: [{ name: 'topic', partitions }],
      },
    ],
    [
      API.OFFSET_FETCH,
      version >= 8
        ? { groups: [whole, some, { ...whole, groupId: 'new' }], requireStable: true }
        : { groupId: 'group', topics: fetched },
    ],
    [API.HEARTBEAT, { ...identity, generationId: 1 }],
    [
      API.SYNC_GROUP,
      {
        ...identity,
        generationId: 1,
        protocolType: 'consumer',
        protocolName: 'range',
        assignments: [],
      },
    ],
    [API.JOIN_GROUP, joinRequest({ memberId: 'stranger' })],
    [
      API.DESCRIBE_GROUPS,
      { groups: ['group', 'new', 'none'], includeAuthorizedOperations: version >= 3 },
    ],
    [API.LIST_GROUPS, {}],
    [
      API.CONSUMER_GROUP_DESCRIBE,
      { groupIds: ['group', 'new', ''], includeAuthorizedOperations: true },
    ],
    [
      API.CONSUMER_GROUP_HEARTBEAT,
      {
        groupId: 'fresh',
        memberId: 'fresh-member',
        memberEpoch: 0,
        rebalanceTimeoutMs: 1_000,
        subscribedTopicNames: ['topic'],
        topicPartitions: [],
      },
    ],
    [
      API.STREAMS_GROUP_DESCRIBE,
      { groupIds: ['streams', 'group', ''], includeAuthorizedOperations: true },
    ],
    [
      API.STREAMS_GROUP_HEARTBEAT,
      {
        groupId: 'streams',
        memberId: 'fresh-member',
        memberEpoch: 0,
        endpointInformationEpoch: 0,
        rebalanceTimeoutMs: 1_000,
        topology: simpleTopology(),
        activeTasks: [],
        standbyTasks: [],
        warmupTasks: [],
      },
    ],
    [
      API.OFFSET_DELETE,
      { groupId: 'group', topics: [{ name: 'x', partitions: [{ partitionIndex: 0 }] }] },
    ],
    [API.DELETE_GROUPS, { groupsNames: ['group', 'none'] }],
    [
      API.LEAVE_GROUP,
      version >= 3
        ? { groupId: 'group', members: [{ memberId, groupInstanceId: null, reason: null }] }
        : { groupId: 'group', memberId },
    ],
  ];
}

const GROUP_APIS: readonly ApiKey[] = [
  API.OFFSET_COMMIT,
  API.TXN_OFFSET_COMMIT,
  API.OFFSET_FETCH,
  API.HEARTBEAT,
  API.SYNC_GROUP,
  API.JOIN_GROUP,
  API.DESCRIBE_GROUPS,
  API.LIST_GROUPS,
  API.CONSUMER_GROUP_DESCRIBE,
  API.CONSUMER_GROUP_HEARTBEAT,
  API.STREAMS_GROUP_DESCRIBE,
  API.STREAMS_GROUP_HEARTBEAT,
  API.OFFSET_DELETE,
  API.DELETE_GROUPS,
  API.LEAVE_GROUP,
];

describe('requests and answers over the wire', () => {
  const all = GROUP_APIS.flatMap((apiKey) => versionsOf(apiKey).map((v) => [apiKey, v] as const));

  it.each(all)('api %i works in version %i', (apiKey, version) => {
    const { harness, memberId } = peopled();
    const request = requests(harness, memberId, version).find(([key]) => key === apiKey)![1];
    const body = overTheWire(harness, apiKey, version, request) as { errorCode?: number };
    const expected = apiKey === API.JOIN_GROUP ? ERROR.UNKNOWN_MEMBER_ID : ERROR.NONE;
    expect(body.errorCode ?? expected).toBe(expected);
  });

  it.each(all)('api %i is refused in version %i with the code in its place', (apiKey, version) => {
    const { harness, memberId } = peopled();
    const request = requests(harness, memberId, version).find(([key]) => key === apiKey)![1];
    const header = { correlationId: 7, clientId: 'client' };
    const bytes = encodeRequest(apiKey, version, header, request as never);
    const { body } = decodeRequest(apiKey, version, bytes);
    const refusal = refuseGroupRequest(apiKey, version, body as object, ERROR.NOT_COORDINATOR)!;
    const encoded = encodeResponse(apiKey, version, 7, { throttleTimeMs: 0, ...refusal } as never);
    const decoded = JSON.stringify(decodeResponse(apiKey, version, encoded).body);
    expect(decoded).toContain(`"errorCode":${ERROR.NOT_COORDINATOR}`);
    expect(decoded).not.toContain('"errorCode":0,"partitions"');
  });

  it('keeps what a member sent when the buffer of its request is used again', () => {
    const harness = new Harness();
    harness.topics.add('topic', 1);
    const first = overTheWire(harness, API.JOIN_GROUP, 9, joinRequest()) as { memberId: string };
    const { memberId } = first;
    overTheWire(harness, API.JOIN_GROUP, 9, joinRequest({ memberId }));
    const assignments = [{ memberId, assignment: Buffer.from('share') }];
    overTheWire(harness, API.SYNC_GROUP, 5, {
      groupId: 'group',
      generationId: 1,
      memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments,
    });
    const again = harness.synced(harness.sync({ memberId }));
    expect(again.assignment.toString()).toBe('share');
  });

  it('answers a heartbeat blindly while the group is loading', () => {
    const code = ERROR.COORDINATOR_LOAD_IN_PROGRESS;
    expect(refuseGroupRequest(API.HEARTBEAT, 4, {}, code)).toMatchObject({ errorCode: 0 });
    expect(refuseGroupRequest(API.PRODUCE, 13, {}, code)).toBeNull();
  });
});
