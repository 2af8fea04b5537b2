import type {
  GroupAssignment,
  GroupMember,
  PartitionAssignor,
  PartitionCounts,
} from '../../client/consumer/assign/assignor.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';

/** What is read together: the sub-topologies' topics with their numbers of partitions. */
export type TaskTopics = (counts: PartitionCounts) => readonly (readonly string[])[];

/** One task: partitions that go to one member together. */
interface AssignedTask {
  readonly partitions: readonly TopicPartition[];
  /** The member that has it now. */
  readonly owner: string | null;
}

interface Holder {
  readonly memberId: string;
  readonly tasks: AssignedTask[];
}

/**
 * Shares tasks out in a classic group of consumers. All partitions of a task go to one member,
 * tasks stay where they are, and members hold equally many. A task that moves is first taken from
 * its member, and given out when the group joins again.
 */
export function taskAssignor(taskTopics: TaskTopics): PartitionAssignor {
  return {
    name: 'millrace-streams',
    protocol: 'cooperative',
    assign(counts, members) {
      const tasks = tasksOf(taskTopics(counts), counts, ownersOf(members));
      const holders = members.map(({ memberId }): Holder => ({ memberId, tasks: [] }));
      holders.sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
      shareOut(tasks, holders);
      return assignmentOf(holders);
    },
  };
}

function ownersOf(members: readonly GroupMember[]): Map<string, string> {
  const owners = new Map<string, string>();
  const generations = new Map<string, number>();
  for (const { memberId, owned, generation } of members) {
    for (const at of owned) {
      const name = partitionName(at);
      if ((generations.get(name) ?? Number.NEGATIVE_INFINITY) >= generation) continue;
      generations.set(name, generation);
      owners.set(name, memberId);
    }
  }
  return owners;
}

function tasksOf(
  subtopologies: readonly (readonly string[])[],
  counts: PartitionCounts,
  owners: ReadonlyMap<string, string>,
): AssignedTask[] {
  return subtopologies.flatMap((topics) => {
    const count = Math.max(0, ...topics.map((topic) => counts.get(topic) ?? 0));
    return Array.from({ length: count }, (_, partition) => {
      const has = topics.filter((topic) => partition < (counts.get(topic) ?? 0));
      const partitions = has.map((topic) => ({ topic, partition }));
      const owner = partitions
        .map((at) => owners.get(partitionName(at)))
        .find((each) => each !== undefined);
      return { partitions, owner: owner ?? null };
    });
  });
}

/** Members keep what they have up to their share; the rest goes to those that hold the least. */
function shareOut(tasks: readonly AssignedTask[], holders: readonly Holder[]): void {
  const least = Math.floor(tasks.length / holders.length);
  let larger = tasks.length % holders.length;
  const byId = new Map(holders.map((holder) => [holder.memberId, holder]));
  const homeless: AssignedTask[] = [];
  for (const task of tasks) {
    const holder = task.owner === null ? undefined : byId.get(task.owner);
    if (holder === undefined) homeless.push(task);
    else if (holder.tasks.length < least) holder.tasks.push(task);
    else if (holder.tasks.length === least && larger > 0) {
      larger--;
      holder.tasks.push(task);
    } else homeless.push(task);
  }
  for (const task of homeless) {
    let fewest = holders[0]!;
    for (const each of holders) if (each.tasks.length < fewest.tasks.length) fewest = each;
    fewest.tasks.push(task);
  }
}

/** A task that another member still has is left out: the group joins again once that gave it up. */
function assignmentOf(holders: readonly Holder[]): GroupAssignment {
  const assignment: GroupAssignment = new Map();
  const ids = new Set(holders.map(({ memberId }) => memberId));
  for (const { memberId, tasks } of holders) {
    const free = tasks.filter(({ owner }) => {
      return owner === null || owner === memberId || !ids.has(owner);
    });
    assignment.set(
      memberId,
      free.flatMap(({ partitions }) => partitions),
    );
  }
  return assignment;
}
