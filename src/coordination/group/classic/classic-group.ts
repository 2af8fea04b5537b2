import { assert } from '../../../base/assert.ts';
import { ERROR } from '../../../base/kafka-errors.ts';
import type { Deadline } from '../deadlines.ts';
import { bytesOfProtocols } from '../group-bounds.ts';
import type { ClassicMember, ClassicProtocol } from './classic-member.ts';
import { CONSUMER_PROTOCOL_TYPE, subscribedTopicsOf } from './consumer-protocol.ts';
import { mostWanted } from './most-wanted.ts';

export const CLASSIC_STATE = {
  empty: 'Empty',
  preparingRebalance: 'PreparingRebalance',
  completingRebalance: 'CompletingRebalance',
  stable: 'Stable',
  dead: 'Dead',
} as const;

export type ClassicState = (typeof CLASSIC_STATE)[keyof typeof CLASSIC_STATE];

const PREVIOUS_STATES: Record<ClassicState, readonly ClassicState[]> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead'],
};

/**
 * The members, generation and state of a group whose members assign the partitions themselves. This
 * class keeps its counts consistent. classic-join, classic-rebalance and classic-sync decide when
 * something happens.
 */
export class ClassicGroup {
  readonly type = 'classic';
  readonly groupId: string;
  state: ClassicState = CLASSIC_STATE.empty;
  previousState: ClassicState = CLASSIC_STATE.dead;
  /** Wall time of the last change of state; -1 where an old record does not have it. */
  stateTimestampMs: number;
  generationId = 0;
  /** Null while no member has ever joined: a group that only stores offsets. */
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  readonly members = new Map<string, ClassicMember>();
  /** Instance id to member id. */
  readonly staticMembers = new Map<string, string>();
  /** Member ids given out by MEMBER_ID_REQUIRED and not yet used, with their expiry. */
  readonly pendingJoins = new Map<string, Deadline>();
  /** Members of this generation that have not sent SyncGroup. */
  readonly pendingSyncs = new Set<string>();
  /** Null where members do not speak the consumer protocol or it could not be read. */
  subscribedTopics: Set<string> | null = null;
  joiningCount = 0;
  newMemberAdded = false;
  joinDeadline: Deadline | null = null;
  syncDeadline: Deadline | null = null;
  /** The size of everything that the members sent about themselves. */
  metadataBytes = 0;
  readonly #protocolSupport = new Map<string, number>();

  constructor(groupId: string, stateTimestampMs: number) {
    this.groupId = groupId;
    this.stateTimestampMs = stateTimestampMs;
  }

  isIn(...states: ClassicState[]): boolean {
    return states.includes(this.state);
  }

  get isEmpty(): boolean {
    return this.state === CLASSIC_STATE.empty;
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  get canRebalance(): boolean {
    return PREVIOUS_STATES.PreparingRebalance.includes(this.state);
  }

  get hasAllJoined(): boolean {
    return this.members.size === this.joiningCount && this.pendingJoins.size === 0;
  }

  /** The longest time that any member asks for. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const member of this.members.values()) {
      longest = Math.max(longest, member.rebalanceTimeoutMs);
    }
    return longest;
  }

  transitionTo(state: ClassicState, wallMs: number): void {
    assert(
      PREVIOUS_STATES[state].includes(this.state),
      `group ${this.groupId} cannot go from ${this.state} to ${state}`,
    );
    this.previousState = this.state;
    this.state = state;
    this.stateTimestampMs = wallMs;
  }

  add(member: ClassicMember): void {
    if (member.instanceId !== null) {
      assert(
        !this.staticMembers.has(member.instanceId),
        `${member.instanceId} is already a member`,
      );
      this.staticMembers.set(member.instanceId, member.memberId);
    }
    if (this.members.size === 0) this.protocolType = member.protocolType;
    this.leaderId ??= member.memberId;
    this.members.set(member.memberId, member);
    this.#countProtocols(member, 1);
    if (member.join !== null) this.joiningCount++;
    this.pendingJoins.delete(member.memberId);
  }

  /** Forgets a member or a pending member. Its parked requests must have been answered. */
  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) {
      this.members.delete(memberId);
      this.#countProtocols(member, -1);
      if (member.join !== null) this.joiningCount--;
      if (member.instanceId !== null) this.staticMembers.delete(member.instanceId);
    }
    if (this.leaderId === memberId) {
      const heir = this.members.keys().next();
      this.leaderId = heir.done ? null : heir.value;
    }
    this.pendingJoins.delete(memberId);
    this.pendingSyncs.delete(memberId);
  }

  /** Puts a static member's new incarnation in the place of the old one. */
  replace(oldMember: ClassicMember, newMember: ClassicMember): void {
    this.members.delete(oldMember.memberId);
    this.pendingSyncs.delete(oldMember.memberId);
    this.#countProtocols(oldMember, -1);
    if (oldMember.join !== null) this.joiningCount--;
    this.members.set(newMember.memberId, newMember);
    this.#countProtocols(newMember, 1);
    if (newMember.join !== null) this.joiningCount++;
    if (this.leaderId === oldMember.memberId) this.leaderId = newMember.memberId;
    this.staticMembers.set(newMember.instanceId!, newMember.memberId);
  }

  setProtocols(member: ClassicMember, protocols: ClassicProtocol[]): void {
    this.#countProtocols(member, -1);
    member.protocols = protocols;
    this.#countProtocols(member, 1);
  }

  /**
   * Makes a member that has joined the leader if the leader has not joined. False if no member has.
   */
  electJoinedLeader(): boolean {
    if (this.leaderId === null) return false;
    if (this.members.get(this.leaderId)!.join !== null) return true;
    for (const member of this.members.values()) {
      if (member.join === null) continue;
      this.leaderId = member.memberId;
      return true;
    }
    return false;
  }

  /** The next generation begins, with the protocol that most members want. */
  startGeneration(wallMs: number): void {
    this.generationId = this.generationId === 0x7fffffff ? 1 : this.generationId + 1;
    const hasMembers = this.members.size > 0;
    this.protocolName = hasMembers ? this.selectProtocol() : null;
    this.refreshSubscribedTopics();
    this.transitionTo(hasMembers ? CLASSIC_STATE.completingRebalance : CLASSIC_STATE.empty, wallMs);
    this.pendingSyncs.clear();
  }

  /** Each member votes for the first of its protocols that all know; a tie goes to the first. */
  selectProtocol(): string {
    const choices: string[] = [];
    for (const member of this.members.values()) {
      const choice = member.protocols.find(({ name }) => this.#isKnownToAll(name));
      if (choice !== undefined) choices.push(choice.name);
    }
    return mostWanted(choices) ?? '';
  }

  supports(protocolType: string, protocols: readonly ClassicProtocol[]): boolean {
    if (this.isEmpty) return protocolType !== '' && protocols.length > 0;
    if (this.protocolType !== protocolType) return false;
    return protocols.some(({ name }) => this.#isKnownToAll(name));
  }

  refreshSubscribedTopics(): void {
    this.subscribedTopics = null;
    if (!this.usesConsumerProtocol) return;
    const topics = new Set<string>();
    if (this.members.size > 0 && this.protocolName === null) return;
    for (const member of this.members.values()) {
      const subscribed = subscribedTopicsOf(member.metadata(this.protocolName));
      if (subscribed === null) return;
      for (const topic of subscribed) topics.add(topic);
    }
    this.subscribedTopics = topics;
  }

  /** A consumer group whose subscription cannot be read may be subscribed to any topic. */
  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics?.has(topic) ?? this.usesConsumerProtocol;
  }

  /** NONE, or the error that refuses a request with this member id. */
  memberError(memberId: string, instanceId: string | null): number {
    if (instanceId !== null) {
      const current = this.staticMembers.get(instanceId);
      if (current === undefined) return ERROR.UNKNOWN_MEMBER_ID;
      if (current !== memberId) return ERROR.FENCED_INSTANCE_ID;
    }
    return this.members.has(memberId) ? ERROR.NONE : ERROR.UNKNOWN_MEMBER_ID;
  }

  #isKnownToAll(protocolName: string): boolean {
    return (this.#protocolSupport.get(protocolName) ?? 0) === this.members.size;
  }

  #countProtocols(member: ClassicMember, delta: number): void {
    this.metadataBytes += delta * bytesOfProtocols(member.protocols);
    for (const { name } of member.protocols) {
      const count = (this.#protocolSupport.get(name) ?? 0) + delta;
      if (count === 0) this.#protocolSupport.delete(name);
      else this.#protocolSupport.set(name, count);
    }
  }
}
