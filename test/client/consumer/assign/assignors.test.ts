import { describe, expect, it } from 'vitest';
import type {
  GroupAssignment,
  GroupMember,
  PartitionAssignor,
} from '../../../../src/client/consumer/assign/assignor.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../../src/client/consumer/assign/consumer-protocol.ts';
import { cooperativeStickyAssignor } from '../../../../src/client/consumer/assign/cooperative-sticky-assignor.ts';
import { rangeAssignor } from '../../../../src/client/consumer/assign/range-assignor.ts';
import { roundRobinAssignor } from '../../../../src/client/consumer/assign/round-robin-assignor.ts';
import { stickyAssignor } from '../../../../src/client/consumer/assign/sticky-assignor.ts';

function member(memberId: string, topics: string[], more: Partial<GroupMember> = {}): GroupMember {
  const rest = { instanceId: null, userData: null, owned: [], generation: -1, rack: null };
  return { memberId, topics, ...rest, ...more };
}

function told(assignment: GroupAssignment): Record<string, string> {
  const entries = [...assignment].map(([id, partitions]) => {
    return [id, partitions.map((at) => `${at.topic}${at.partition}`).join(' ')];
  });
  return Object.fromEntries(entries);
}

/** The members as they come back after an assignment. */
function next(
  assignor: PartitionAssignor,
  members: readonly GroupMember[],
  assignment: GroupAssignment,
  generation: number,
): GroupMember[] {
  return members.map((each) => {
    const owned = assignment.get(each.memberId) ?? [];
    const userData = assignor.userData?.({ owned, generation }) ?? null;
    const isEager = assignor.protocol === 'eager';
    return { ...each, userData, owned: isEager ? [] : owned, generation };
  });
}

const TWO = new Map([
  ['a', 3],
  ['b', 3],
]);

describe('assignors', () => {
  it('range gives runs of each topic, the first members one more', () => {
    const members = [member('m2', ['a', 'b']), member('m1', ['a', 'b'])];
    expect(told(rangeAssignor.assign(TWO, members))).toEqual({ m1: 'a0 a1 b0 b1', m2: 'a2 b2' });
  });

  it('range keeps the order of static members whatever their member ids', () => {
    const members = [
      member('z', ['a'], { instanceId: 'i1' }),
      member('y', ['a'], { instanceId: 'i2' }),
      member('a', ['a']),
    ];
    expect(told(rangeAssignor.assign(TWO, members))).toEqual({ z: 'a0', y: 'a1', a: 'a2' });
  });

  it('round robin deals all partitions out in turn', () => {
    const members = [member('m1', ['a', 'b']), member('m2', ['a', 'b'])];
    const dealt = told(roundRobinAssignor.assign(TWO, members));
    expect(dealt).toEqual({ m1: 'a0 a2 b1', m2: 'a1 b0 b2' });
    const some = [member('m1', ['a']), member('m2', ['a', 'b'])];
    expect(told(roundRobinAssignor.assign(TWO, some)).m2).toContain('b0 b1 b2');
  });

  it('leaves out topics that do not exist', () => {
    for (const assignor of [rangeAssignor, roundRobinAssignor, stickyAssignor]) {
      expect(told(assignor.assign(new Map(), [member('m', ['none'])]))).toEqual({ m: '' });
    }
  });

  it('sticky moves no more than it must when a member comes and when it leaves', () => {
    const counts = new Map([['t', 9]]);
    const before = [member('m1', ['t']), member('m2', ['t'])];
    const first = stickyAssignor.assign(counts, before);
    const after = [...next(stickyAssignor, before, first, 1), member('m3', ['t'])];
    const second = stickyAssignor.assign(counts, after);
    expect([...second.values()].map((list) => list.length)).toEqual([3, 3, 3]);
    for (const id of ['m1', 'm2']) {
      const had = new Set(first.get(id)!.map(({ partition }) => partition));
      expect(second.get(id)!.every(({ partition }) => had.has(partition))).toBe(true);
    }
    const left = next(stickyAssignor, after, second, 2).slice(0, 2);
    const third = stickyAssignor.assign(counts, left);
    for (const id of ['m1', 'm2']) {
      const has = new Set(third.get(id)!.map(({ partition }) => partition));
      expect(second.get(id)!.every(({ partition }) => has.has(partition))).toBe(true);
    }
  });

  it('sticky is even where members want different topics', () => {
    const counts = new Map([
      ['a', 6],
      ['b', 2],
    ]);
    const members = [member('m1', ['a', 'b']), member('m2', ['a']), member('m3', ['a', 'b'])];
    const sizes = [...stickyAssignor.assign(counts, members).values()].map((each) => each.length);
    expect(sizes.sort()).toEqual([2, 3, 3]);
  });

  it('sticky believes the newest generation, and nobody where two are as new', () => {
    const owned = [{ topic: 't', partition: 0 }];
    const claim = (generation: number) => stickyAssignor.userData!({ owned, generation });
    const counts = new Map([['t', 2]]);
    const members = [
      member('m1', ['t'], { userData: claim(3) }),
      member('m2', ['t'], { userData: claim(4) }),
    ];
    expect(told(stickyAssignor.assign(counts, members))).toEqual({ m1: 't1', m2: 't0' });
    const junk = member('m3', ['t'], { userData: Buffer.from([1, 2]) });
    expect(stickyAssignor.assign(counts, [junk]).get('m3')).toHaveLength(2);
  });

  it('cooperative sticky first takes what moves, and gives it out the next time', () => {
    const counts = new Map([['t', 4]]);
    const alone = [member('m1', ['t'])];
    const first = cooperativeStickyAssignor.assign(counts, alone);
    const both = [...next(cooperativeStickyAssignor, alone, first, 1), member('m2', ['t'])];
    const second = cooperativeStickyAssignor.assign(counts, both);
    expect(told(second)).toEqual({ m1: 't0 t1', m2: '' });
    const again = next(cooperativeStickyAssignor, both, second, 2);
    const third = cooperativeStickyAssignor.assign(counts, again);
    expect(told(third)).toEqual({ m1: 't0 t1', m2: 't2 t3' });
  });
});

describe('the consumer protocol', () => {
  it('writes the bytes that Kafka writes', () => {
    const subscription = {
      topics: ['b', 'a'],
      userData: null,
      owned: [{ topic: 'a', partition: 1 }],
      generation: 5,
      rack: 'r',
    };
    expect(encodeSubscription(subscription).toString('hex')).toBe(
      '0003' +
        '00000002000161000162' +
        'ffffffff' +
        '0000000100016100000001' +
        '00000001' +
        '00000005' +
        '000172',
    );
    const assignment = encodeAssignment([{ topic: 'a', partition: 2 }]);
    expect(assignment.toString('hex')).toBe('000300000001000161' + '0000000100000002' + 'ffffffff');
  });

  it('reads what it wrote, older versions and no junk', () => {
    const subscription = { topics: ['a'], userData: null, owned: [], generation: 5, rack: null };
    const bytes = encodeSubscription(subscription);
    expect(decodeSubscription(bytes)).toEqual(subscription);
    const old = Buffer.from('0000' + '00000001000161' + 'ffffffff', 'hex');
    expect(decodeSubscription(old)).toMatchObject({ topics: ['a'], owned: [], generation: -1 });
    expect(decodeSubscription(bytes.subarray(0, 8))).toBeNull();
    expect(decodeAssignment(Buffer.alloc(0))).toEqual({ partitions: [], userData: null });
    expect(decodeAssignment(Buffer.from('00037fffffff', 'hex'))).toBeNull();
    const partitions = [{ topic: 'a', partition: 2 }];
    expect(decodeAssignment(encodeAssignment(partitions))).toEqual({ partitions, userData: null });
    const userData = Buffer.from('beside');
    const decoded = decodeAssignment(encodeAssignment(partitions, userData));
    expect(decoded).toEqual({ partitions, userData });
  });
});
