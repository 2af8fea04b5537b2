import { CONSUMER_PROTOCOL_TYPE } from '../classic/consumer-protocol.ts';
import type { Deadline } from '../deadlines.ts';
import { bytesOfMember } from '../group-bounds.ts';
import type { Assignment, OwnedPartitions } from './assignment.ts';
import { EMPTY_ASSIGNMENT, epochsIn } from './assignment.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { isReconciledTo, MEMBER_STATE } from './consumer-member.ts';

/** The topics that matched a regular expression when it was last resolved. */
export interface ResolvedRegex {
  readonly topics: ReadonlySet<string>;
  readonly version: number;
  readonly timestampMs: number;
}

/** The deadlines of a member. They are not in the log, so a restart begins them again. */
export interface MemberDeadlines {
  session: Deadline | null;
  /** For giving up partitions. */
  rebalance: Deadline | null;
  /** For a classic member to join again. */
  join: Deadline | null;
  /** For a classic member to fetch its assignment. */
  sync: Deadline | null;
}

export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

/**
 * A group whose partitions the broker assigns (KIP-848). Only the replay of records adds and
 * removes members, which keeps counts and owners right.
 */
export class ConsumerGroup {
  readonly type = 'consumer';
  readonly groupId: string;
  readonly protocolType = CONSUMER_PROTOCOL_TYPE;
  groupEpoch = 0;
  /** The epoch that the target assignment was made for, -1 before there is one. */
  assignmentEpoch = -1;
  assignmentTimestampMs = 0;
  metadataHash = 0;
  readonly members = new Map<string, ConsumerMember>();
  /** Instance id to member id. */
  readonly staticMembers = new Map<string, string>();
  readonly targets = new Map<string, Assignment>();
  readonly regexes = new Map<string, ResolvedRegex>();
  /** The memory that its members take. */
  memberBytes = 0;
  readonly deadlines = new Map<string, MemberDeadlines>();
  /** The view of the topics that `metadataHash` was last compared with, -1 to compare again. */
  checkedTopicsVersion = -1;
  /** Monotonic time and version of the topics at which all expressions were last resolved. */
  regexesCheckedMs = Number.NEGATIVE_INFINITY;
  regexesVersion = -1;
  /** Monotonic time of the last target assignment that this process made. */
  assignedMs = Number.NEGATIVE_INFINITY;
  readonly #owners = new Map<string, Map<number, string>>();
  readonly #regexMembers = new Map<string, number>();
  readonly #topicMembers = new Map<string, number>();
  #classicCount = 0;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  get state(): ConsumerGroupState {
    if (this.isEmpty) return 'Empty';
    if (this.groupEpoch > this.assignmentEpoch) return 'Assigning';
    for (const member of this.members.values()) {
      if (!isReconciledTo(member, this.assignmentEpoch)) return 'Reconciling';
    }
    return 'Stable';
  }

  get classicCount(): number {
    return this.#classicCount;
  }

  /** Regular expressions that members are subscribed to, with the number of those members. */
  get subscribedRegexes(): ReadonlyMap<string, number> {
    return this.#regexMembers;
  }

  put(member: ConsumerMember): void {
    const old = this.members.get(member.memberId);
    if (old !== undefined) this.#forget(old);
    this.members.set(member.memberId, member);
    this.#own(member.memberId, member.assigned);
    this.#own(member.memberId, member.pendingRevocation);
    if (member.topicRegex !== '') count(this.#regexMembers, member.topicRegex, 1);
    for (const name of member.topicNames) count(this.#topicMembers, name, 1);
    if (member.instanceId !== null) this.staticMembers.set(member.instanceId, member.memberId);
    if (member.classic !== null) this.#classicCount++;
    this.memberBytes += bytesOfMember(member);
  }

  delete(memberId: string): void {
    const member = this.members.get(memberId);
    if (member === undefined) return;
    this.members.delete(memberId);
    this.#forget(member);
    const { instanceId } = member;
    if (instanceId !== null && this.staticMembers.get(instanceId) === memberId) {
      this.staticMembers.delete(instanceId);
    }
  }

  staticMember(instanceId: string | null): ConsumerMember | undefined {
    if (instanceId === null) return undefined;
    const memberId = this.staticMembers.get(instanceId);
    return memberId === undefined ? undefined : this.members.get(memberId);
  }

  target(memberId: string): Assignment {
    return this.targets.get(memberId) ?? EMPTY_ASSIGNMENT;
  }

  /** The member that owns a partition, including one that has not given it up yet. */
  ownerOf(topicId: string, partition: number): string | undefined {
    return this.#owners.get(topicId)?.get(partition);
  }

  isSubscribedTo(topic: string): boolean {
    if (this.#topicMembers.has(topic)) return true;
    for (const { topics } of this.regexes.values()) if (topics.has(topic)) return true;
    return false;
  }

  /** Whether a member waits for a partition that another still holds. */
  isWaitingForRelease(member: ConsumerMember): boolean {
    if (member.state !== MEMBER_STATE.unreleasedPartitions) return false;
    for (const [topicId, partitions] of this.target(member.memberId)) {
      const assigned = epochsIn(member.assigned, topicId);
      for (const partition of partitions) {
        if (assigned.has(partition)) continue;
        if (this.ownerOf(topicId, partition) !== undefined) return true;
      }
    }
    return false;
  }

  /** Whether every classic member knows one of these protocols, as a newcomer's must be. */
  supportsClassic(protocolType: string, names: readonly string[]): boolean {
    if (protocolType !== CONSUMER_PROTOCOL_TYPE || names.length === 0) return false;
    if (this.isEmpty) return true;
    const common = new Set(names);
    for (const { classic } of this.members.values()) {
      if (classic === null) continue;
      const own = new Set(classic.protocols.map(({ name }) => name));
      for (const name of common) if (!own.has(name)) common.delete(name);
    }
    return common.size > 0;
  }

  #forget(member: ConsumerMember): void {
    this.#disown(member.memberId, member.assigned);
    this.#disown(member.memberId, member.pendingRevocation);
    if (member.topicRegex !== '') count(this.#regexMembers, member.topicRegex, -1);
    for (const name of member.topicNames) count(this.#topicMembers, name, -1);
    if (member.classic !== null) this.#classicCount--;
    this.memberBytes -= bytesOfMember(member);
  }

  #own(memberId: string, owned: OwnedPartitions): void {
    for (const [topicId, epochs] of owned) {
      let owners = this.#owners.get(topicId);
      if (owners === undefined) {
        owners = new Map();
        this.#owners.set(topicId, owners);
      }
      for (const partition of epochs.keys()) owners.set(partition, memberId);
    }
  }

  #disown(memberId: string, owned: OwnedPartitions): void {
    for (const [topicId, epochs] of owned) {
      const owners = this.#owners.get(topicId);
      if (owners === undefined) continue;
      for (const partition of epochs.keys()) {
        if (owners.get(partition) === memberId) owners.delete(partition);
      }
      if (owners.size === 0) this.#owners.delete(topicId);
    }
  }
}

function count(counts: Map<string, number>, name: string, delta: number): void {
  const next = (counts.get(name) ?? 0) + delta;
  if (next === 0) counts.delete(name);
  else counts.set(name, next);
}
