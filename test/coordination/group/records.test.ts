import { describe, expect, it } from 'vitest';
import { ClassicGroup } from '../../../src/coordination/group/classic/classic-group.ts';
import { ClassicMember } from '../../../src/coordination/group/classic/classic-member.ts';
import {
  groupMetadataRecord,
  readGroupMetadataValue,
} from '../../../src/coordination/group/group-records.ts';
import {
  offsetCommitKey,
  offsetCommitValue,
  readOffsetCommitValue,
} from '../../../src/coordination/group/offsets/offset-records.ts';
import { readRecordKey } from '../../../src/coordination/group/record-keys.ts';
import { ZERO_UUID } from '../../../src/coordination/group/topic-view.ts';

describe('offset records', () => {
  it('have the bytes that Kafka writes', () => {
    expect(offsetCommitKey('g', 'topic', 3).toString('hex')).toBe(
      '0001' + '000167' + '0005746f706963' + '00000003',
    );
    const topicId = Buffer.alloc(16, 0xab).toString('base64url');
    const committed = {
      offset: 2 ** 40 + 1,
      leaderEpoch: 5,
      metadata: 'hi',
      commitMs: 1_700_000_000_000,
      expireMs: -1,
      topicId,
      sequence: 0,
    };
    expect(offsetCommitValue(committed).toString('hex')).toBe(
      '0004' +
        '0000010000000001' +
        '00000005' +
        '036869' +
        '0000018bcfe56800' +
        '01' +
        '00' +
        '10' +
        'ab'.repeat(16),
    );
    expect(offsetCommitValue({ ...committed, topicId: ZERO_UUID }).at(-1)).toBe(0);
    expect(offsetCommitValue({ ...committed, expireMs: 1_700_000_000_001 }).toString('hex')).toBe(
      '0001' + '0000010000000001' + '00026869' + '0000018bcfe56800' + '0000018bcfe56801',
    );
  });

  it('are read in every version', () => {
    const base = { leaderEpoch: -1, expireMs: -1, topicId: ZERO_UUID, sequence: 0 };
    const expected = { offset: 7, metadata: 'm', commitMs: 9, ...base };
    const read = (hex: string) => readOffsetCommitValue(Buffer.from(hex, 'hex'));
    const offset = '0000000000000007';
    const commitMs = '0000000000000009';
    expect(read(`0000${offset}00016d${commitMs}`)).toEqual(expected);
    expect(read(`0001${offset}00016d${commitMs}000000000000000b`)).toEqual({
      ...expected,
      expireMs: 11,
    });
    expect(read(`0002${offset}00016d${commitMs}`)).toEqual(expected);
    expect(read(`0003${offset}0000000400016d${commitMs}`)).toEqual({ ...expected, leaderEpoch: 4 });
    expect(read(`0004${offset}ffffffff026d${commitMs}010503010203`)).toEqual(expected);
  });

  it('keep offsets below zero and beyond 32 bits', () => {
    for (const offset of [-1, 0, 2 ** 32, 2 ** 53 - 1, -(2 ** 40)]) {
      const committed = {
        offset,
        leaderEpoch: -1,
        metadata: '',
        commitMs: 1,
        expireMs: -1,
        topicId: ZERO_UUID,
        sequence: 0,
      };
      expect(readOffsetCommitValue(offsetCommitValue(committed)).offset).toBe(offset);
    }
  });
});

describe('group records', () => {
  it('have the bytes that Kafka writes', () => {
    const group = new ClassicGroup('g', 9);
    group.add(
      new ClassicMember({
        memberId: 'm',
        instanceId: null,
        clientId: 'c',
        clientHost: '/h',
        protocolType: 'consumer',
        rebalanceTimeoutMs: 2,
        sessionTimeoutMs: 1,
        protocols: [{ name: 'range', metadata: Buffer.from('ab') }],
      }),
    );
    group.generationId = 4;
    group.protocolName = 'range';
    const { key, value } = groupMetadataRecord(group);
    expect(key.toString('hex')).toBe('0002' + '000167');
    expect(value!.toString('hex')).toBe(
      '0003' +
        `0008${Buffer.from('consumer').toString('hex')}` +
        '00000004' +
        `0005${Buffer.from('range').toString('hex')}` +
        '00016d' +
        '0000000000000009' +
        '00000001' +
        '00016d' +
        'ffff' +
        '000163' +
        '00022f68' +
        '00000002' +
        '00000001' +
        '000000026162' +
        '00000000',
    );
    expect(readGroupMetadataValue(value!)).toMatchObject({
      generation: 4,
      leader: 'm',
      members: [{ memberId: 'm', groupInstanceId: null, subscription: Buffer.from('ab') }],
    });
  });

  it('are read in the oldest version', () => {
    const hex =
      '0000' +
      '000178' +
      '00000002' +
      'ffff' +
      'ffff' +
      '00000001' +
      '00016d' +
      '000163' +
      '000168' +
      '00000005' +
      '0000000161' +
      '00000000';
    expect(readGroupMetadataValue(Buffer.from(hex, 'hex'))).toEqual({
      protocolType: 'x',
      generation: 2,
      protocol: null,
      leader: null,
      currentStateTimestamp: -1,
      members: [
        {
          memberId: 'm',
          groupInstanceId: null,
          clientId: 'c',
          clientHost: 'h',
          rebalanceTimeout: -1,
          sessionTimeout: 5,
          subscription: Buffer.from('a'),
          assignment: Buffer.alloc(0),
        },
      ],
    });
  });
});

describe('record keys', () => {
  it('are read back by kind', () => {
    expect(readRecordKey(offsetCommitKey('g', 't', 1))).toMatchObject({
      type: 1,
      groupId: 'g',
      name: 't',
      partition: 1,
    });
    expect(readRecordKey(Buffer.from([0, 99]))).toBeNull();
  });
});
