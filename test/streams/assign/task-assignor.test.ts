import { describe, expect, it } from 'vitest';
import type { GroupMember } from '#millrace/client/consumer/assign/assignor';
import { decodeAssignmentData } from '#millrace/streams/assign/assignment-data';
import {
  decodeMemberData,
  encodeMemberData,
  LATEST_OFFSET,
  type MemberData,
} from '#millrace/streams/assign/member-data';
import type { ShareSettings } from '#millrace/streams/assign/share-tasks';
import { TaskAssignor } from '#millrace/streams/assign/task-assignor';

const counts = new Map(Object.entries({ orders: 4, users: 4, 'app-r': 2 }));
const SETTINGS: ShareSettings = {
  numStandbyReplicas: 0,
  maxWarmupReplicas: 2,
  acceptableRecoveryLag: 100,
  rackAwareAssignmentTags: [],
};
const NOTHING = decodeMemberData(null, '');

/** Sub-topology 0 has a changelog that ends at `end`; sub-topology 1 keeps nothing. */
function assignorWith(settings: Partial<ShareSettings> = {}, end: number | null = 1_000) {
  const told: boolean[] = [];
  const host = {
    taskTopics: () => [
      { id: 0, topics: ['orders', 'users'], changelogs: ['app-s-changelog'] },
      { id: 1, topics: ['app-r'], changelogs: [] },
    ],
    memberData: () => NOTHING,
    endsOf: async (partitions: readonly unknown[]) => {
      return end === null ? null : partitions.map(() => end);
    },
    onAssignment: () => undefined,
    onShared: (isFinal: boolean) => told.push(isFinal),
  };
  return { assignor: new TaskAssignor(host, { ...SETTINGS, ...settings }), told };
}

interface Said extends Partial<MemberData> {
  readonly owned?: readonly string[];
  readonly generation?: number;
}

function member(memberId: string, said: Said = {}): GroupMember {
  const { owned = [], generation = 1, ...data } = said;
  const partitions = owned.map((name) => {
    const at = name.lastIndexOf('-');
    return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
  });
  const topics = ['orders', 'users', 'app-r'];
  const userData = encodeMemberData({ ...NOTHING, processId: memberId, ...data });
  return {
    memberId,
    instanceId: null,
    topics,
    userData,
    rack: null,
    owned: partitions,
    generation,
  };
}

/** The partitions of each member, and what goes with them. */
async function sharedBy(assignor: TaskAssignor, ...members: readonly GroupMember[]) {
  const assignment = await assignor.assign(counts, members);
  return new Map(
    Array.from(assignment, ([memberId, partitions]) => {
      const owned = partitions.map(({ topic, partition }) => `${topic}-${partition}`).sort();
      return [memberId, { owned, ...decodeAssignmentData(assignor.assignmentData(memberId)) }];
    }),
  );
}

async function assigned(...members: readonly GroupMember[]): Promise<Record<string, string[]>> {
  const shared = await sharedBy(
    assignorWith({ acceptableRecoveryLag: 1_000 }).assignor,
    ...members,
  );
  return Object.fromEntries(Array.from(shared, ([memberId, { owned }]) => [memberId, owned]));
}

/** What a member has of the orders that it runs. */
function running(owned: readonly string[]): Record<string, number> {
  const orders = owned.filter((name) => name.startsWith('orders-'));
  return Object.fromEntries(orders.map((name) => [name.replace('orders-', '0_'), LATEST_OFFSET]));
}

describe('the assignor of tasks', () => {
  it('gives one member everything', async () => {
    expect((await assigned(member('a'))).a).toHaveLength(10);
  });

  it('keeps partitions that are read together with one member', async () => {
    const both = await assigned(member('a'), member('b'));
    for (const partitions of Object.values(both)) {
      for (const name of partitions.filter((each) => each.startsWith('orders'))) {
        expect(partitions).toContain(name.replace('orders', 'users'));
      }
    }
    const tasks = Object.values(both).map((list) => list.filter((n) => !n.startsWith('users')));
    expect(tasks.map(({ length }) => length)).toEqual([3, 3]);
  });

  it('leaves tasks where they are', async () => {
    const before = await assigned(member('a'), member('b'));
    const after = await assigned(
      member('a', { owned: before.a! }),
      member('b', { owned: before.b! }),
    );
    expect(after).toEqual(before);
  });

  it('takes a task that moves from its owner first, and gives it out then', async () => {
    const { assignor } = assignorWith({ acceptableRecoveryLag: 1_000 });
    const all = (await assigned(member('a'))).a!;
    const first = await sharedBy(assignor, member('a', { owned: all }), member('b'));
    expect(first.get('b')!.owned).toEqual([]);
    const { next } = first.get('b')!;
    expect(next).toHaveLength(3);
    const kept = first.get('a')!.owned;
    // The old owner still has the state, and gets it back where nobody was promised the task.
    const offsets = { ...running(kept), '0_3': 1_000 };
    const second = await sharedBy(
      assignor,
      member('a', { owned: kept, offsets }),
      member('b', { next }),
    );
    expect(second.get('a')!.owned).toEqual(kept);
    expect([...second.get('a')!.owned, ...second.get('b')!.owned].sort()).toEqual(all);
  });

  it('gives what a dead member had to others at once', async () => {
    const before = await assigned(member('a'), member('b'));
    expect((await assigned(member('a', { owned: before.a! }))).a).toHaveLength(10);
  });

  it('believes the newer generation where two claim a task', async () => {
    const old = member('a', { owned: ['orders-0', 'users-0'], generation: 1 });
    const now = member('b', { owned: ['orders-0', 'users-0'], generation: 2 });
    expect((await assigned(old, now)).b).toContain('orders-0');
  });

  it('takes a member whose data cannot be read for one without state', async () => {
    const strange = { ...member('a'), userData: Buffer.from([0, 1, 2]) };
    expect((await assigned(strange, member('b'))).a).toHaveLength(5);
  });
});

describe('copies', () => {
  it('are on other processes than the task, and on as many as there are', async () => {
    const { assignor } = assignorWith({ numStandbyReplicas: 1, acceptableRecoveryLag: 1_000 });
    const shared = await sharedBy(assignor, member('a'), member('b'));
    for (const { owned, standby } of shared.values()) {
      expect(standby.length).toBe(2);
      for (const name of standby) expect(owned).not.toContain(name.replace('0_', 'orders-'));
    }
    const alone = await sharedBy(assignor, member('a'));
    expect(alone.get('a')!.standby).toEqual([]);
    const twice = member('c', { processId: 'a' });
    const same = await sharedBy(assignor, member('a'), twice);
    expect([...same.values()].flatMap(({ standby }) => standby)).toEqual([]);
  });

  it('stay where their state is', async () => {
    const { assignor } = assignorWith({ numStandbyReplicas: 1, acceptableRecoveryLag: 1_000 });
    const first = await sharedBy(assignor, member('a'), member('b'), member('c'));
    const again = [...first].map(([memberId, { owned, standby }]) => {
      const copies = Object.fromEntries(standby.map((name) => [name, 900]));
      return member(memberId, { owned, offsets: { ...running(owned), ...copies } });
    });
    const second = await sharedBy(assignor, ...again);
    for (const [memberId, { owned, standby }] of first) {
      expect(second.get(memberId)!.owned).toEqual(owned);
      expect(second.get(memberId)!.standby.toSorted()).toEqual(standby.toSorted());
    }
  });

  it('run as soon as their task has no member any more', async () => {
    const { assignor } = assignorWith({ numStandbyReplicas: 1 });
    const copies = { '0_0': 990, '0_1': 1_000, '0_2': 950, '0_3': 1_000 };
    const shared = await sharedBy(assignor, member('a'), member('b', { offsets: copies }));
    expect(shared.get('b')!.owned.filter((name) => name.startsWith('orders'))).toHaveLength(4);
    expect(shared.get('a')!.warmup).toHaveLength(1);
  });

  it('are where the tags differ', async () => {
    const settings = { numStandbyReplicas: 1, rackAwareAssignmentTags: ['rack'] };
    const { assignor } = assignorWith({ ...settings, acceptableRecoveryLag: 1_000 });
    const at = (memberId: string, rack: string) => member(memberId, { tags: { rack } });
    const shared = await sharedBy(assignor, at('a', 'x'), at('b', 'x'), at('c', 'y'));
    const placeOf = (task: string) => {
      const name = task.replace('0_', 'orders-');
      return [...shared].find(([, { owned }]) => owned.includes(name))![0];
    };
    for (const memberId of ['a', 'b']) {
      for (const task of shared.get(memberId)!.standby) expect(placeOf(task)).toBe('c');
    }
  });
});

describe('a task whose state is not where it shall go', () => {
  const all = Array.from({ length: 4 }, (_, i) => [`orders-${i}`, `users-${i}`]).flat();
  const old = member('a', { owned: [...all, 'app-r-0', 'app-r-1'], offsets: running(all) });

  it('stays until a warm-up has caught up, and then moves', async () => {
    const { assignor, told } = assignorWith();
    const first = await sharedBy(assignor, old, member('b'));
    expect(told).toEqual([false]);
    expect(first.get('a')!.owned).toEqual(expect.arrayContaining(all));
    const { warmup } = first.get('b')!;
    expect(warmup.length).toBeGreaterThan(0);
    const offsets = Object.fromEntries(warmup.map((name) => [name, 950]));
    const second = await sharedBy(assignor, old, member('b', { offsets }));
    expect(second.get('b')!.next).toEqual(expect.arrayContaining([...warmup]));
  });

  it('gets no more warm-ups at once than the settings say', async () => {
    const { assignor } = assignorWith({ maxWarmupReplicas: 1 });
    const shared = await sharedBy(assignor, old, member('b'), member('c'));
    expect([...shared.values()].flatMap(({ warmup }) => warmup)).toHaveLength(1);
  });

  it('stays where the ends of changelogs are not known', async () => {
    const { assignor, told } = assignorWith({}, null);
    const shared = await sharedBy(assignor, old, member('b', { offsets: { '0_0': 1_000 } }));
    expect(shared.get('a')!.owned).toEqual(expect.arrayContaining(all));
    expect(told).toEqual([false]);
  });
});

describe('an assignment', () => {
  it('says where all tasks are, and who asks all to end', async () => {
    const { assignor } = assignorWith({ numStandbyReplicas: 1, acceptableRecoveryLag: 1_000 });
    const asking = member('b', { endpoint: 'h:2', shutsDown: true });
    const shared = await sharedBy(assignor, member('a', { endpoint: 'h:1' }), asking);
    const { hosts, shutdownBy, standby } = shared.get('a')!;
    expect(shutdownBy).toBe('b');
    expect(hosts.map(({ endpoint }) => endpoint)).toEqual(['h:1', 'h:2']);
    expect(hosts[0]!.standby).toEqual(standby);
    expect(hosts.flatMap(({ active }) => active).toSorted()).toEqual(
      ['0_0', '0_1', '0_2', '0_3', '1_0', '1_1'].toSorted(),
    );
  });
});
