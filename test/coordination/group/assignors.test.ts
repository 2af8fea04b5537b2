import { describe, expect, it } from 'vitest';
import type { Assignment } from '../../../src/coordination/group/consumer/assignment.ts';
import type { AssignorMember } from '../../../src/coordination/group/consumer/assignor.ts';
import { assignRanges } from '../../../src/coordination/group/consumer/range-assignor.ts';
import { assignUniformly } from '../../../src/coordination/group/consumer/uniform-assignor.ts';
import { seeded } from './harness.ts';

type Counts = Record<string, number>;

function member(
  memberId: string,
  topicIds: string[],
  target: Assignment = new Map(),
  instanceId: string | null = null,
): AssignorMember {
  return { memberId, instanceId, topicIds, target };
}

function sizeOf(assignment: Assignment | undefined): number {
  let size = 0;
  for (const partitions of assignment?.values() ?? []) size += partitions.size;
  return size;
}

/** Every partition of every subscribed topic must be given to one subscriber, and to one alone. */
function checkComplete(
  members: readonly AssignorMember[],
  counts: Counts,
  result: Map<string, Assignment>,
): void {
  const owners = new Map<string, string>();
  for (const { memberId, topicIds } of members) {
    for (const [topicId, partitions] of result.get(memberId)!) {
      expect(topicIds).toContain(topicId);
      for (const partition of partitions) {
        const name = `${topicId}:${partition}`;
        if (owners.has(name)) expect.fail(`${name} is given twice`);
        if (partition >= counts[topicId]!) expect.fail(`${name} does not exist`);
        owners.set(name, memberId);
      }
    }
  }
  const topics = new Set(members.flatMap(({ topicIds }) => topicIds));
  const total = [...topics].reduce((sum, topicId) => sum + counts[topicId]!, 0);
  expect(owners.size).toBe(total);
}

function moved(before: Map<string, Assignment>, after: Map<string, Assignment>): number {
  let count = 0;
  for (const [memberId, assignment] of after) {
    for (const [topicId, partitions] of assignment) {
      const old = before.get(memberId)?.get(topicId) ?? new Set();
      for (const partition of partitions) if (!old.has(partition)) count++;
    }
  }
  return count;
}

describe('the uniform assignor', () => {
  const assign = (members: AssignorMember[], counts: Counts) =>
    assignUniformly(members, (topicId) => counts[topicId]!);

  it('gives members of one subscription shares that differ by one at most', () => {
    for (let size = 1; size <= 12; size++) {
      const counts = { a: 7, b: 3, c: 11 };
      const members = Array.from({ length: size }, (_, i) => member(`m${i}`, ['a', 'b', 'c']));
      const result = assign(members, counts);
      checkComplete(members, counts, result);
      const sizes = members.map(({ memberId }) => sizeOf(result.get(memberId)));
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it('moves only what a newcomer needs, and only what a leaver leaves', () => {
    const counts = { a: 60 };
    const names = ['m1', 'm2', 'm3', 'm4', 'm5'];
    const first = assign(
      names.slice(0, 4).map((name) => member(name, ['a'])),
      counts,
    );
    const grown = names.map((name) => member(name, ['a'], first.get(name)));
    const second = assign(grown, counts);
    checkComplete(grown, counts, second);
    expect(moved(first, second)).toBe(12);
    const shrunk = names.slice(1).map((name) => member(name, ['a'], second.get(name)));
    const third = assign(shrunk, counts);
    checkComplete(shrunk, counts, third);
    expect(moved(second, third)).toBe(12);
    expect(
      assign(
        shrunk.map((m) => ({ ...m, target: third.get(m.memberId)! })),
        counts,
      ),
    ).toEqual(third);
  });

  it('evens out members of different subscriptions as far as these allow', () => {
    const counts = { a: 6, b: 2 };
    const members = [member('m1', ['a']), member('m2', ['a', 'b']), member('m3', ['b'])];
    const result = assign(members, counts);
    checkComplete(members, counts, result);
    expect(members.map(({ memberId }) => sizeOf(result.get(memberId)))).toEqual([3, 3, 2]);
  });

  it('drops what is not subscribed to, does not exist any more, or is claimed twice', () => {
    const counts = { a: 2 };
    const stale = new Map([
      ['a', new Set([0, 1, 5])],
      ['gone', new Set([0])],
    ]);
    const members = [member('m1', ['a'], stale), member('m2', ['a'], stale)];
    const result = assign(members, counts);
    checkComplete(members, counts, result);
    expect(sizeOf(result.get('m1'))).toBe(1);
  });

  it('keeps its promises over random changes of members and topics', () => {
    const random = seeded(7);
    const topics = ['a', 'b', 'c', 'd'];
    const counts: Counts = { a: 5, b: 9, c: 2, d: 13 };
    let result = new Map<string, Assignment>();
    let members: AssignorMember[] = [];
    for (let step = 0; step < 300; step++) {
      const name = `m${Math.floor(random() * 10)}`;
      const isHomogeneous = step % 3 === 0;
      const chosen = isHomogeneous ? topics : topics.filter(() => random() < 0.6);
      const others = members.filter(({ memberId }) => memberId !== name);
      members = random() < 0.3 ? others : [...others, member(name, chosen)];
      if (isHomogeneous) members = members.map((m) => ({ ...m, topicIds: topics }));
      counts[topics[step % 4]!]! += random() < 0.1 ? 1 : 0;
      members = members.map((m) => ({ ...m, target: result.get(m.memberId) ?? new Map() }));
      result = assign(members, counts);
      checkComplete(members, counts, result);
      const sizes = members.map(({ memberId }) => sizeOf(result.get(memberId)));
      if (isHomogeneous && members.length > 0) {
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('shares ten thousand partitions among a thousand members', () => {
    const counts = { a: 10_000 };
    const members = Array.from({ length: 1_000 }, (_, i) => member(`m${i}`, ['a']));
    const result = assign(members, counts);
    checkComplete(members, counts, result);
    expect(sizeOf(result.get('m999'))).toBe(10);
  });
});

describe('the range assignor', () => {
  const assign = (members: AssignorMember[], counts: Counts) =>
    assignRanges(members, (topicId) => counts[topicId]!);

  it('cuts each topic into ranges, the longer ones first', () => {
    const members = ['m1', 'm2', 'm3'].map((name) => member(name, ['a', 'b']));
    const counts = { a: 7, b: 7 };
    const result = assign(members, counts);
    checkComplete(members, counts, result);
    const ranges = members.map(({ memberId }) => [...result.get(memberId)!.get('a')!]);
    expect(ranges).toEqual([
      [0, 1, 2],
      [3, 4],
      [5, 6],
    ]);
    for (const { memberId } of members) {
      const { a, b } = Object.fromEntries(result.get(memberId)!);
      expect(a).toEqual(b);
    }
  });

  it('leaves members without a share where there are more of them than partitions', () => {
    const members = ['m1', 'm2', 'm3'].map((name) => member(name, ['a']));
    const result = assign(members, { a: 2 });
    expect(members.map(({ memberId }) => sizeOf(result.get(memberId)))).toEqual([1, 1, 0]);
  });

  it('orders static members by instance and puts them first', () => {
    const members = [
      member('m1', ['a']),
      member('x9', ['a'], new Map(), 'one'),
      member('x1', ['a'], new Map(), 'two'),
    ];
    const result = assign(members, { a: 3 });
    expect([...result.get('x9')!.get('a')!]).toEqual([0]);
    expect([...result.get('x1')!.get('a')!]).toEqual([1]);
    expect([...result.get('m1')!.get('a')!]).toEqual([2]);
  });

  it('counts only the subscribers of each topic', () => {
    const members = [member('m1', ['a', 'b']), member('m2', ['b'])];
    const counts = { a: 4, b: 4 };
    const result = assign(members, counts);
    checkComplete(members, counts, result);
    expect([...result.get('m1')!.get('a')!]).toEqual([0, 1, 2, 3]);
    expect([...result.get('m2')!.get('b')!]).toEqual([2, 3]);
  });
});
