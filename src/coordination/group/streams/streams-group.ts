import type { Deadline } from '../deadlines.ts';
import type { ConfiguredTopology } from './configured-topology.ts';
import { ProcessTasks } from './process-tasks.ts';
import type { StreamsMember } from './streams-member.ts';
import { isAtTarget } from './streams-member.ts';
import type { StreamsTopology } from './streams-topology.ts';
import type { TaskSet } from './tasks.ts';
import { NO_TASKS } from './tasks.ts';

export type StreamsGroupState = 'Empty' | 'NotReady' | 'Assigning' | 'Reconciling' | 'Stable';

/** The deadlines of a member. They are not in the log, so a restart begins them again. */
export interface StreamsDeadlines {
  session: Deadline | null;
  /** For giving up tasks. */
  rebalance: Deadline | null;
}

/** The epochs of a group before its first record, as in Kafka. */
const FIRST_EPOCH = 1;

/** Of memory, beside what is counted of a member. */
const MEMBER_BYTES = 1024;

/**
 * A group of a stream processing application, whose tasks the broker assigns (KIP-1071). Only the
 * replay of records adds and removes members, which keeps the owners of tasks right.
 */
export class StreamsGroup {
  readonly type = 'streams';
  readonly groupId: string;
  readonly protocolType = 'streams';
  groupEpoch = FIRST_EPOCH;
  /** The epoch that the target assignment was made for. */
  assignmentEpoch = FIRST_EPOCH;
  assignmentTimestampMs = 0;
  metadataHash = 0;
  /** The epoch of the topology that was found to suit the topics, -1 for none. */
  validatedTopologyEpoch = 0;
  /** What the assignor was configured with when the group's epoch last changed. */
  assignmentConfigs: ReadonlyMap<string, string> = new Map();
  topology: StreamsTopology | null = null;
  readonly members = new Map<string, StreamsMember>();
  readonly targets = new Map<string, TaskSet>();
  readonly deadlines = new Map<string, StreamsDeadlines>();
  readonly processes = new ProcessTasks();
  /** The memory that its members take. */
  memberBytes = 0;
  /** What follows is not in the log. */
  configured: ConfiguredTopology | null = null;
  /** The view of the topics that `configured` was made of, -1 to look again. */
  checkedTopicsVersion = -1;
  /** The wait for more members before the first assignment; null where there is none. */
  initialDelay: Deadline | null = null;
  /** Monotonic time of the last target assignment that this process made. */
  assignedMs = Number.NEGATIVE_INFINITY;
  /** The member that asked all others to shut down. */
  shutdownMemberId: string | null = null;
  /** Grows when a process that answers queries gets other tasks. */
  endpointEpoch = 0;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  get state(): StreamsGroupState {
    if (this.isEmpty) return 'Empty';
    if (this.topology === null || this.topology.epoch !== this.validatedTopologyEpoch) {
      return 'NotReady';
    }
    if (this.groupEpoch > this.assignmentEpoch) return 'Assigning';
    for (const member of this.members.values()) {
      if (!isAtTarget(member, this.assignmentEpoch)) return 'Reconciling';
    }
    return 'Stable';
  }

  put(member: StreamsMember): void {
    const old = this.members.get(member.memberId);
    if (old !== undefined) this.#forget(old);
    this.members.set(member.memberId, member);
    this.processes.add(member.owned, member.processId);
    this.processes.add(member.pendingRevocation, member.processId);
    this.memberBytes += bytesOfStreamsMember(member);
  }

  delete(memberId: string): void {
    const member = this.members.get(memberId);
    if (member === undefined) return;
    this.members.delete(memberId);
    this.#forget(member);
    if (this.isEmpty) this.shutdownMemberId = null;
  }

  target(memberId: string): TaskSet {
    return this.targets.get(memberId) ?? NO_TASKS;
  }

  /** Nobody reads the topics of an empty group, so that its offsets can expire. */
  isSubscribedTo(topic: string): boolean {
    return !this.isEmpty && this.topology?.readers.has(topic) === true;
  }

  #forget(member: StreamsMember): void {
    this.processes.remove(member.owned, member.processId);
    this.processes.remove(member.pendingRevocation, member.processId);
    this.memberBytes -= bytesOfStreamsMember(member);
  }
}

/** What a member takes, beside its tasks. */
export function bytesOfStreamsMember(member: StreamsMember): number {
  const { memberId, rackId, clientId, clientHost, processId, endpoint, clientTags } = member;
  let bytes = MEMBER_BYTES + memberId.length + clientId.length + clientHost.length;
  bytes += processId.length + (rackId?.length ?? 0) + (endpoint?.host.length ?? 0);
  for (const { key, value } of clientTags) bytes += key.length + value.length;
  return bytes;
}
