import type { Assignment } from './assignment.ts';
import { assignRanges } from './range-assignor.ts';
import { assignUniformly } from './uniform-assignor.ts';

/** A member as an assignor sees it. */
export interface AssignorMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Topics that it is subscribed to and that exist, sorted. */
  readonly topicIds: readonly string[];
  /** The partitions of its target so far. */
  readonly target: Assignment;
}

/** Gives each partition of each topic that has a subscriber to one of its subscribers. */
export type Assignor = (
  members: readonly AssignorMember[],
  partitionCount: (topicId: string) => number,
) => Map<string, Assignment>;

const ASSIGNORS: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', assignUniformly],
  ['range', assignRanges],
]);

export function assignorNamed(name: string): Assignor {
  return ASSIGNORS.get(name) ?? assignUniformly;
}

export function isAssignor(name: string): boolean {
  return ASSIGNORS.has(name);
}
