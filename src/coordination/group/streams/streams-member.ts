import type { OwnedTasks } from './tasks.ts';
import { isSameOwned, NO_OWNED_TASKS } from './tasks.ts';

/** A member with this epoch leaves its group, or has left it. */
export const STREAMS_LEAVE_EPOCH = -1;

/** How far a member has come towards its target assignment. The numbers are those of the log. */
export const STREAMS_MEMBER_STATE = {
  /** The member has the tasks of its target at its epoch. */
  stable: 1,
  /** The member was told to give up tasks and has not reported that it did. */
  unrevokedTasks: 2,
  /** Other processes still have some of its target. */
  unreleasedTasks: 3,
  unknown: 127,
} as const;

export type StreamsMemberState = (typeof STREAMS_MEMBER_STATE)[keyof typeof STREAMS_MEMBER_STATE];

/** Where the process of a member answers queries of its state. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A member of a streams group: a thread of a process. Never changed: a change makes a new one. */
export interface StreamsMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: StreamsMemberState;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  /** The epoch of the topology that the member knows; -1 where it never told. */
  readonly topologyEpoch: number;
  readonly processId: string;
  readonly endpoint: Endpoint | null;
  /** Sorted by key. */
  readonly clientTags: readonly { readonly key: string; readonly value: string }[];
  readonly owned: OwnedTasks;
  readonly pendingRevocation: OwnedTasks;
}

export function newStreamsMember(memberId: string): StreamsMember {
  return {
    memberId,
    memberEpoch: 0,
    previousMemberEpoch: 0,
    state: STREAMS_MEMBER_STATE.stable,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: -1,
    topologyEpoch: -1,
    processId: '',
    endpoint: null,
    clientTags: [],
    owned: NO_OWNED_TASKS,
    pendingRevocation: NO_OWNED_TASKS,
  };
}

export function isAtTarget(member: StreamsMember, epoch: number): boolean {
  return member.state === STREAMS_MEMBER_STATE.stable && member.memberEpoch === epoch;
}

/** Whether both describe themselves in the same way. Their tasks are not compared. */
export function isSameDescription(one: StreamsMember, other: StreamsMember): boolean {
  return (
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.topologyEpoch === other.topologyEpoch &&
    one.processId === other.processId &&
    one.endpoint?.host === other.endpoint?.host &&
    one.endpoint?.port === other.endpoint?.port &&
    one.clientTags.length === other.clientTags.length &&
    one.clientTags.every(({ key, value }, i) => {
      return key === other.clientTags[i]!.key && value === other.clientTags[i]!.value;
    })
  );
}

/** Whether both have the same state, epochs and tasks. */
export function isSameProgress(one: StreamsMember, other: StreamsMember): boolean {
  return (
    one.memberEpoch === other.memberEpoch &&
    one.previousMemberEpoch === other.previousMemberEpoch &&
    one.state === other.state &&
    isSameOwned(one.owned, other.owned) &&
    isSameOwned(one.pendingRevocation, other.pendingRevocation)
  );
}
