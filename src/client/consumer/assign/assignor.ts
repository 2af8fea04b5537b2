import type { TopicPartition } from '../../topic-partition.ts';

/** What a member of a classic group says of itself when it joins. */
export interface Subscription {
  readonly topics: readonly string[];
  readonly userData: Uint8Array | null;
  /** What it owned before; eager members own nothing while they join. */
  readonly owned: readonly TopicPartition[];
  /** The generation in which it owned that, -1 where it does not say. */
  readonly generation: number;
  readonly rack: string | null;
}

/** A member as the leader sees it when it assigns partitions. */
export interface GroupMember extends Subscription {
  readonly memberId: string;
  readonly instanceId: string | null;
}

/** How many partitions each topic has. */
export type PartitionCounts = ReadonlyMap<string, number>;

/** What the leader of a group gives each member, by member id. */
export type GroupAssignment = Map<string, TopicPartition[]>;

/** What a member knows when it makes its user data. */
export interface MemberState {
  readonly owned: readonly TopicPartition[];
  readonly generation: number;
}

/** Shares the partitions of a classic group out. It runs in the member that leads the group. */
export interface PartitionAssignor<Result = GroupAssignment> {
  /** All members must know one of the same name. */
  readonly name: string;
  /**
   * Members of an eager group give everything up before they join; those of a cooperative one go on
   * with what they keep.
   */
  readonly protocol: 'eager' | 'cooperative';
  /** What the leader's assignor gets as `userData` of this member. */
  userData?(state: MemberState): Uint8Array | null;
  /** Members that get nothing may be left out. */
  assign(counts: PartitionCounts, members: readonly GroupMember[]): Result;
  /** What goes with the assignment of a member. Asked after `assign`, in the leader. */
  assignmentData?(memberId: string): Uint8Array | null;
  /** Told of this member's assignment and what came with it, before its partitions come. */
  onAssignment?(partitions: readonly TopicPartition[], userData: Uint8Array | null): void;
}

/** One that may take its time. */
export type AnyAssignor = PartitionAssignor<GroupAssignment | Promise<GroupAssignment>>;
