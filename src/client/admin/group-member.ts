/** Partitions of one topic that a member has. */
export interface AssignedTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** A member of a classic, consumer or share group. */
export interface GroupMember {
  readonly memberId: string;
  /** Its `group.instance.id`, null for a dynamic member. */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rackId: string | null;
  /** -1 in a classic group, where the generation is the group's. */
  readonly memberEpoch: number;
  /** Names that it subscribes to; empty in a classic group. */
  readonly subscribedTopics: readonly string[];
  /** Null where it is not a consumer's, or not readable. */
  readonly assignment: readonly AssignedTopic[] | null;
  /** What it is to have; null where there is no such thing. */
  readonly targetAssignment: readonly AssignedTopic[] | null;
}
