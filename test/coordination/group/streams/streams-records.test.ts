import { describe, expect, it } from 'vitest';
import type { CoordinatorRecord } from '../../../../src/coordination/effects.ts';
import { StreamsGroup } from '../../../../src/coordination/group/streams/streams-group.ts';
import type { StreamsMember } from '../../../../src/coordination/group/streams/streams-member.ts';
import {
  newStreamsMember,
  STREAMS_MEMBER_STATE,
} from '../../../../src/coordination/group/streams/streams-member.ts';
import {
  streamsCurrentRecord,
  streamsEpochRecord,
  streamsGroupTombstones,
  streamsMemberRecord,
  streamsTargetEpochRecord,
  streamsTargetRecord,
  streamsTopologyRecord,
} from '../../../../src/coordination/group/streams/streams-records.ts';
import { StreamsTopology } from '../../../../src/coordination/group/streams/streams-topology.ts';
import { topicInfo } from '../../../support/told-topology.ts';
import { Harness } from '../harness.ts';
import { describeStreams, subtopology } from '../streams-client.ts';

const GROUP = '000567726f7570';
const MEMBER_ID = '00066d656d626572';

const MEMBER: StreamsMember = {
  ...newStreamsMember('member'),
  rackId: 'rack',
  clientId: 'client',
  clientHost: '/127.0.0.1',
  rebalanceTimeoutMs: 60_000,
  topologyEpoch: 1,
  processId: 'process',
  endpoint: { host: 'host', port: 40_000 },
  clientTags: [
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ],
  memberEpoch: 5,
  previousMemberEpoch: 4,
  state: STREAMS_MEMBER_STATE.unrevokedTasks,
  owned: {
    active: new Map([
      ['1', new Map([3, 0].map((partition) => [partition, partition === 3 ? 4 : 2]))],
      ['0', new Map([[1, 5]])],
    ]),
    standby: new Map([['1', new Set([7, 2])]]),
    warmup: new Map([['0', new Set([9])]]),
  },
  pendingRevocation: {
    active: new Map([['1', new Map([[5, 4]])]]),
    standby: new Map(),
    warmup: new Map(),
  },
};

const TOPOLOGY = new StreamsTopology({
  epoch: 1,
  subtopologies: [
    subtopology('0', ['b', 'a'], {
      repartitionSinkTopics: ['by-key'],
      copartitionGroups: [
        { sourceTopics: [0, 1], sourceTopicRegex: [], repartitionSourceTopics: [] },
      ],
    }),
    subtopology('1', [], {
      repartitionSourceTopics: [{ ...topicInfo('by-key', 3), replicationFactor: 1 }],
      stateChangelogTopics: [
        { ...topicInfo('store'), topicConfigs: [{ key: 'cleanup.policy', value: 'compact' }] },
      ],
    }),
  ],
});

const EPOCH = {
  epoch: 5,
  metadataHash: 77,
  validatedTopologyEpoch: 1,
  assignmentConfigs: new Map([['num.standby.replicas', '1']]),
};

const CONFIG = '1902156e756d2e7374616e6462792e7265706c69636173023100';

/** As StreamsCoordinatorRecordHelpers of Kafka 4.3.1 makes them: type of the key, then the value. */
const RECORDS: readonly (readonly [string, CoordinatorRecord, string, string])[] = [
  [
    'a member',
    streamsMemberRecord('group', MEMBER),
    `0013${GROUP}${MEMBER_ID}`,
    '000000057261636b07636c69656e740b2f3132372e302e302e310000ea60000000010870726f636573730105686f' +
      '73749c4000030261023100026202320000',
  ],
  [
    'a member that tells nothing',
    streamsMemberRecord('group', newStreamsMember('member')),
    `0013${GROUP}${MEMBER_ID}`,
    '000000000101ffffffffffffffff01ff0100',
  ],
  [
    'an epoch',
    streamsEpochRecord('group', EPOCH),
    `0011${GROUP}`,
    `000000000005000000000000004d0200040000000101${CONFIG}`,
  ],
  [
    'an epoch without a valid topology',
    streamsEpochRecord('group', { ...EPOCH, validatedTopologyEpoch: -1 }),
    `0011${GROUP}`,
    `000000000005000000000000004d0101${CONFIG}`,
  ],
  [
    'the tasks of a member',
    streamsCurrentRecord('group', MEMBER),
    `0016${GROUP}${MEMBER_ID}`,
    '000000000005000000040203023002000000010100050200000005023103000000000000000301000903000000' +
      '02000000040202310300000002000000070002023002000000090002023102000000050100050200000004010100',
  ],
  [
    'a target',
    streamsTargetRecord('group', 'member', {
      active: new Map([
        ['1', new Set([3, 0])],
        ['0', new Set([1])],
      ]),
      standby: MEMBER.owned.standby,
      warmup: new Map(),
    }),
    `0015${GROUP}${MEMBER_ID}`,
    '0000030230020000000100023103000000000000000300020231030000000200000007000100',
  ],
  [
    'the epoch of a target',
    streamsTargetEpochRecord('group', 5, 1_700_000_000_000),
    `0014${GROUP}`,
    '0000000000050100080000018bcfe56800',
  ],
  [
    'a topology',
    streamsTopologyRecord('group', TOPOLOGY),
    `0017${GROUP}`,
    '00000000000103023003026202610101020762792d6b657901020300000001010100000231010102067374' +
      '6f7265000000000000020f636c65616e75702e706f6c69637908636f6d70616374000001020762792d6b65790000' +
      '000300010100010000',
  ],
];

describe('the records of streams groups', () => {
  it.each(RECORDS)(
    'have the bytes that Kafka writes: %s',
    (_, { key, value }, keyHex, valueHex) => {
      expect(key.toString('hex')).toBe(keyHex);
      expect(value!.toString('hex')).toBe(valueHex);
    },
  );

  it('are read back as they were', () => {
    const harness = new Harness();
    for (const [name, { key, value }] of RECORDS) {
      if (!/nothing|without/.test(name)) harness.shard.replay(key, value);
    }
    const { members, ...group } = describeStreams(harness);
    expect(group).toMatchObject({
      groupState: 'Reconciling',
      groupEpoch: 5,
      assignmentEpoch: 5,
      topology: { epoch: 1, subtopologies: [{ subtopologyId: '0' }, { subtopologyId: '1' }] },
    });
    expect(members[0]).toMatchObject({
      memberEpoch: 5,
      processId: 'process',
      userEndpoint: { host: 'host', port: 40_000 },
      assignment: { activeTasks: [{ partitions: [1] }, { partitions: [0, 3] }] },
      targetAssignment: { standbyTasks: [{ subtopologyId: '1', partitions: [2, 7] }] },
    });
  });

  it('are deleted in the order in which Kafka deletes them', () => {
    const group = new StreamsGroup('group');
    group.put(MEMBER);
    const tombstones = streamsGroupTombstones(group);
    expect(tombstones.every(({ value }) => value === null)).toBe(true);
    expect(tombstones.map(({ key }) => key.toString('hex'))).toEqual([
      `0016${GROUP}${MEMBER_ID}`,
      `0015${GROUP}${MEMBER_ID}`,
      `0014${GROUP}`,
      `0013${GROUP}${MEMBER_ID}`,
      `0011${GROUP}`,
      `0017${GROUP}`,
    ]);
  });
});
