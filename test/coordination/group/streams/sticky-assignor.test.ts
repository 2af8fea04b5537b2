import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AssignedMember } from '../../../../src/coordination/group/streams/sticky-assignor.ts';
import { assignSticky } from '../../../../src/coordination/group/streams/sticky-assignor.ts';
import type { TaskSet } from '../../../../src/coordination/group/streams/tasks.ts';
import { NO_TASKS, toTaskIds } from '../../../../src/coordination/group/streams/tasks.ts';
import { seeded } from '../harness.ts';

const stateful = (subtopologyId: string, taskCount: number) => {
  return { subtopologyId, taskCount, isStateful: true };
};

function member(memberId: string, processId: string, target: TaskSet = NO_TASKS): AssignedMember {
  return { memberId, processId, target };
}

function namesOf(tasks: TaskSet['active']): string[] {
  return toTaskIds(tasks).flatMap(({ subtopologyId, partitions }) => {
    return partitions.map((partition) => `${subtopologyId}_${partition}`);
  });
}

/** The next members, with what they were given. */
function nextOf(members: readonly AssignedMember[], given: Map<string, TaskSet>) {
  return members.map((each) => ({ ...each, target: given.get(each.memberId)! }));
}

type TaskLists = Record<string, number[]>;

/**
 * What Kafka 4.3.1's StickyTaskAssignor made of random groups. The members of each are in the order
 * in which Java walks the maps that it keeps them in.
 */
interface KafkaCase {
  readonly counts: number[];
  readonly stateful: boolean[];
  readonly standby: number;
  readonly members: [memberId: string, processId: string, active: TaskLists, standby: TaskLists][];
  readonly out: Record<string, [active: TaskLists, standby: TaskLists]>;
}

const KAFKA_FILE = new URL('./kafka-assignments.json', import.meta.url);

function tasksOf(lists: TaskLists) {
  return new Map(Object.entries(lists).map(([id, partitions]) => [id, new Set(partitions)]));
}

function listsOf(tasks: TaskSet['active']): TaskLists {
  const ids = toTaskIds(tasks);
  return Object.fromEntries(
    ids.map(({ subtopologyId, partitions }) => [subtopologyId, partitions]),
  );
}

describe('the sticky assignor', () => {
  it('gives every task to whom Kafka gives it', () => {
    const cases = JSON.parse(readFileSync(KAFKA_FILE, 'utf8')) as KafkaCase[];
    expect(cases.length).toBeGreaterThan(100);
    for (const { counts, stateful: isStateful, standby: replicas, members, out } of cases) {
      const topology = counts.map((taskCount, id) => {
        return { subtopologyId: String(id), taskCount, isStateful: isStateful[id]! };
      });
      const asked = members.map(([memberId, processId, active, standby]) => {
        const target = { active: tasksOf(active), standby: tasksOf(standby), warmup: new Map() };
        return member(memberId, processId, target);
      });
      const given = assignSticky(asked, topology, replicas);
      const told = Array.from(given, ([memberId, { active, standby }]) => {
        return [memberId, [listsOf(active), listsOf(standby)]];
      });
      expect(Object.fromEntries(told)).toEqual(out);
    }
  });

  it('shares tasks out evenly', () => {
    const members = ['a', 'b', 'c'].map((id) => member(id, id));
    const given = assignSticky(members, [stateful('0', 3), stateful('1', 3)], 0);
    const shares = [...given.values()].map(({ active }) => namesOf(active));
    expect(shares.map((names) => names.length)).toEqual([2, 2, 2]);
    expect(new Set(shares.flat()).size).toBe(6);
  });

  it('takes from those who have too much, and from nobody else', () => {
    const first = [member('a', 'a')];
    const one = assignSticky(first, [stateful('0', 4)], 0);
    const two = assignSticky([...nextOf(first, one), member('b', 'b')], [stateful('0', 4)], 0);
    expect(namesOf(two.get('a')!.active)).toEqual(['0_0', '0_1']);
    expect(namesOf(two.get('b')!.active)).toEqual(['0_2', '0_3']);
  });

  it('gives a lost task to the process that follows it', () => {
    const members = ['a', 'b', 'c'].map((id) => member(id, id));
    const topology = [stateful('0', 3)];
    const given = assignSticky(members, topology, 1);
    const left = nextOf(members, given).slice(1);
    const next = assignSticky(left, topology, 1);
    const lost = namesOf(given.get('a')!.active);
    const follower = left.find(({ target }) => namesOf(target.standby).includes(lost[0]!))!;
    expect(namesOf(next.get(follower.memberId)!.active)).toContain(lost[0]);
  });

  it('never has a task twice in a process', () => {
    const members = [member('a1', 'a'), member('a2', 'a'), member('b1', 'b')];
    const given = assignSticky(members, [stateful('0', 4)], 2);
    const ofA = ['a1', 'a2'].flatMap((id) => {
      const { active, standby } = given.get(id)!;
      return [...namesOf(active), ...namesOf(standby)];
    });
    expect(ofA.sort()).toEqual(['0_0', '0_1', '0_2', '0_3']);
    expect(namesOf(given.get('b1')!.active).length).toBeGreaterThan(0);
  });

  it('gives no standby of what keeps no state', () => {
    const members = ['a', 'b'].map((id) => member(id, id));
    const topology = [{ subtopologyId: '0', taskCount: 2, isStateful: false }];
    const given = assignSticky(members, topology, 1);
    for (const { standby } of given.values()) expect(standby.size).toBe(0);
  });

  it('moves nothing where nothing has changed', () => {
    let members = [member('m0', 'p0')];
    for (let round = 1; round < 12; round++) {
      members.push(member(`m${round}`, `p${round}`));
      const topology = [stateful('0', 7), stateful('1', 10)];
      const given = assignSticky(members, topology, 1);
      members = nextOf(members, given);
      const again = assignSticky(members, topology, 1);
      for (const [memberId, { active }] of given) {
        expect(namesOf(again.get(memberId)!.active)).toEqual(namesOf(active));
      }
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('keeps its promises in random groups (seed %i)', (seed) => {
    const random = seeded(seed);
    const below = (limit: number) => Math.floor(random() * limit);
    let members = [member('m0', 'p0')];
    const topology = [stateful('0', 1 + below(9)), stateful('1', 1 + below(9))];
    const all = topology.reduce((sum, { taskCount }) => sum + taskCount, 0);
    for (let round = 1; round < 40; round++) {
      if (random() < 0.6) members.push(member(`m${round}`, `p${below(4)}`));
      else if (members.length > 1) members.splice(below(members.length), 1);
      const standbys = below(3);
      const given = assignSticky(members, topology, standbys);
      const active = [...given.values()].flatMap((tasks) => namesOf(tasks.active));
      expect(new Set(active).size).toBe(all);
      expect(active).toHaveLength(all);
      const processes = new Set(members.map(({ processId }) => processId));
      const replicas = Math.min(standbys, processes.size - 1);
      const standby = [...given.values()].flatMap((tasks) => namesOf(tasks.standby));
      expect(standby).toHaveLength(all * replicas);
      for (const process of processes) {
        const inProcess = members
          .filter(({ processId }) => processId === process)
          .flatMap(({ memberId }) => {
            const tasks = given.get(memberId)!;
            return [...namesOf(tasks.active), ...namesOf(tasks.standby)];
          });
        expect(new Set(inProcess).size).toBe(inProcess.length);
      }
      members = nextOf(members, given);
    }
  });
});
