import { describe, expect, it } from 'vitest';
import type { GroupMember } from '#millrace/client/consumer/assign/assignor';
import { taskAssignor } from '#millrace/streams/assign/task-assignor';

const counts = new Map(Object.entries({ orders: 4, users: 4, 'app-r': 2 }));
const assignor = taskAssignor(() => [['orders', 'users'], ['app-r']]);

function member(memberId: string, owned: readonly string[] = [], generation = 1): GroupMember {
  const partitions = owned.map((name) => {
    const at = name.lastIndexOf('-');
    return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
  });
  const topics = ['orders', 'users', 'app-r'];
  const base = { memberId, instanceId: null, topics, userData: null, rack: null };
  return { ...base, owned: partitions, generation };
}

function assigned(...members: readonly GroupMember[]): Record<string, string[]> {
  const assignment = assignor.assign(counts, members);
  return Object.fromEntries(
    Array.from(assignment, ([memberId, partitions]) => {
      return [memberId, partitions.map(({ topic, partition }) => `${topic}-${partition}`).sort()];
    }),
  );
}

describe('the assignor of tasks', () => {
  it('gives one member everything', () => {
    expect(assigned(member('a')).a).toHaveLength(10);
  });

  it('keeps partitions that are read together with one member', () => {
    const both = assigned(member('a'), member('b'));
    for (const partitions of Object.values(both)) {
      for (const name of partitions.filter((each) => each.startsWith('orders'))) {
        expect(partitions).toContain(name.replace('orders', 'users'));
      }
    }
    const tasks = Object.values(both).map((list) => list.filter((n) => !n.startsWith('users')));
    expect(tasks.map(({ length }) => length)).toEqual([3, 3]);
  });

  it('leaves tasks where they are', () => {
    const before = assigned(member('a'), member('b'));
    const after = assigned(member('a', before.a), member('b', before.b));
    expect(after).toEqual(before);
  });

  it('takes a task that moves from its owner first, and gives it out then', () => {
    const all = assigned(member('a')).a!;
    const first = assigned(member('a', all), member('b'));
    expect(first.b).toEqual([]);
    const second = assigned(member('a', first.a), member('b'));
    expect(second.a).toEqual(first.a);
    expect([...second.a!, ...second.b!].sort()).toEqual(all);
  });

  it('gives what a dead member had to others at once', () => {
    const before = assigned(member('a'), member('b'));
    expect(assigned(member('a', before.a)).a).toHaveLength(10);
  });

  it('believes the newer generation where two claim a task', () => {
    const old = member('a', ['orders-0', 'users-0'], 1);
    const now = member('b', ['orders-0', 'users-0'], 2);
    expect(assigned(old, now).b).toContain('orders-0');
  });
});
