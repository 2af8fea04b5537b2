import type {
  GroupAssignment,
  GroupMember,
  PartitionAssignor,
  PartitionCounts,
} from '../../client/consumer/assign/assignor.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import { taskIdText } from '../topology/task-id.ts';
import {
  type AssignmentData,
  decodeAssignmentData,
  encodeAssignmentData,
  type HostTasks,
} from './assignment-data.ts';
import { decodeMemberData, encodeMemberData, type MemberData } from './member-data.ts';
import {
  type MemberShare,
  type SharedTask,
  type ShareSettings,
  shareTasks,
} from './share-tasks.ts';

/** What one sub-topology reads and keeps. */
export interface TaskTopics {
  /** The number of the sub-topology. */
  readonly id: number;
  /** Topics that are read together. */
  readonly topics: readonly string[];
  /** Topics that its stores are restored from. */
  readonly changelogs: readonly string[];
}

/** What the assignor asks and tells the instance that it belongs to. */
export interface TaskAssignorHost {
  /** The sub-topologies, where the cluster has these topics. */
  taskTopics(counts: PartitionCounts): readonly TaskTopics[];
  /** What this member says of itself. */
  memberData(): MemberData;
  /**
   * Where partitions end, in the same order. Null where that cannot be found: then no task with
   * state moves from its member.
   */
  endsOf(partitions: readonly TopicPartition[]): Promise<readonly number[] | null>;
  /** Told of each assignment, before its partitions come. */
  onAssignment(data: AssignmentData): void;
  /** Told in the leader. False: another assignment should follow, once warm-ups are done. */
  onShared(isFinal: boolean): void;
}

/**
 * Shares tasks out in a classic group of consumers. All partitions of a task go to one member, and
 * which copies a member keeps goes with its partitions. A task that moves is first taken from its
 * member, and given out when the group joins again.
 */
export class TaskAssignor implements PartitionAssignor<Promise<GroupAssignment>> {
  readonly name = 'millrace-streams';
  readonly protocol = 'cooperative';
  readonly #host: TaskAssignorHost;
  readonly #settings: ShareSettings;
  /** Of the last assignment, by member. */
  readonly #data = new Map<string, AssignmentData>();

  constructor(host: TaskAssignorHost, settings: ShareSettings) {
    this.#host = host;
    this.#settings = settings;
  }

  userData(): Uint8Array {
    return encodeMemberData(this.#host.memberData());
  }

  async assign(counts: PartitionCounts, members: readonly GroupMember[]): Promise<GroupAssignment> {
    const owners = ownersOf(members);
    const sharing = members.map(({ memberId, userData }) => {
      return { memberId, data: decodeMemberData(userData, memberId) };
    });
    const topics = this.#host.taskTopics(counts);
    const ends = await this.#endsOf(topics, counts);
    const processes = new Map(sharing.map(({ memberId, data }) => [memberId, data.processId]));
    const tasks = topics.flatMap((each) => tasksOf(each, counts, { owners, processes, ends }));
    const { shares, isFinal } = shareTasks(tasks, sharing, this.#settings);
    this.#host.onShared(isFinal);
    const shutdownBy = sharing.find(({ data }) => data.shutsDown)?.memberId ?? null;
    const hosts = hostsOf(shares);
    const assignment: GroupAssignment = new Map();
    this.#data.clear();
    for (const { memberId, data, active, standby, warmup } of shares) {
      // The group joins again once the member that has a task now gave it up.
      const free = active.filter(({ owner }) => owner === null || owner === memberId);
      const next = active.filter((task) => !free.includes(task));
      // Until it comes, it is a copy; but two threads of a process cannot open the same files.
      const awaited = next.filter((task) => task.isStateful && task.process !== data.processId);
      this.#data.set(memberId, {
        standby: namesOf([...standby, ...awaited]),
        warmup: namesOf(warmup),
        next: namesOf(next),
        hosts,
        shutdownBy,
      });
      const partitions = free.flatMap((task) => task.partitions);
      assignment.set(memberId, partitions);
    }
    return assignment;
  }

  assignmentData(memberId: string): Uint8Array | null {
    const data = this.#data.get(memberId);
    return data === undefined ? null : encodeAssignmentData(data);
  }

  onAssignment(_partitions: readonly TopicPartition[], userData: Uint8Array | null): void {
    this.#host.onAssignment(decodeAssignmentData(userData));
  }

  /** By partition of a changelog; empty where they could not be found. */
  async #endsOf(
    topics: readonly TaskTopics[],
    counts: PartitionCounts,
  ): Promise<ReadonlyMap<string, number>> {
    const wanted = topics.flatMap((each) => {
      return taskNumbers(each, counts).flatMap((partition) => {
        return each.changelogs.map((topic) => ({ topic, partition }));
      });
    });
    if (wanted.length === 0) return new Map();
    const ends = await this.#host.endsOf(wanted);
    if (ends === null) return new Map();
    return new Map(wanted.map((at, i) => [partitionName(at), ends[i]!]));
  }
}

/** What is known of the group when it is shared out. */
interface Known {
  /** Members, by partition. */
  readonly owners: ReadonlyMap<string, string>;
  /** Their processes, by member. */
  readonly processes: ReadonlyMap<string, string>;
  /** Of changelogs, by partition. */
  readonly ends: ReadonlyMap<string, number>;
}

/** Of two that claim a partition, the one of the later generation has it. */
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

function taskNumbers({ topics }: TaskTopics, counts: PartitionCounts): number[] {
  const count = Math.max(0, ...topics.map((topic) => counts.get(topic) ?? 0));
  return Array.from({ length: count }, (_, partition) => partition);
}

function tasksOf(
  subtopology: TaskTopics,
  counts: PartitionCounts,
  { owners, processes, ends }: Known,
): SharedTask[] {
  const { id, topics, changelogs } = subtopology;
  return taskNumbers(subtopology, counts).map((partition) => {
    const has = topics.filter((topic) => partition < (counts.get(topic) ?? 0));
    const partitions = has.map((topic) => ({ topic, partition }));
    const owner = partitions
      .map((at) => owners.get(partitionName(at)))
      .find((each) => each !== undefined);
    const process = owner === undefined ? null : (processes.get(owner) ?? null);
    const offsets = changelogs.map((topic) => ends.get(partitionName({ topic, partition })));
    const isKnown = offsets.every((offset) => offset !== undefined);
    return {
      name: taskIdText({ subtopology: id, partition }),
      partitions,
      owner: owner ?? null,
      process,
      isStateful: changelogs.length > 0,
      end: isKnown ? offsets.reduce((sum, offset) => sum + offset, 0) : undefined,
    };
  });
}

function hostsOf(shares: readonly MemberShare[]): HostTasks[] {
  return shares.flatMap(({ data: { endpoint }, active, standby, warmup }) => {
    if (endpoint === null) return [];
    return [{ endpoint, active: namesOf(active), standby: namesOf([...standby, ...warmup]) }];
  });
}

function namesOf(tasks: readonly SharedTask[]): string[] {
  return tasks.map(({ name }) => name);
}
