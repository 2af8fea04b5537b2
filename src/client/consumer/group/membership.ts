import type { KafkaError } from '../../errors/kafka-error.ts';
import type { TopicPartition } from '../../topic-partition.ts';
import type { GroupIdentity } from '../offsets/group-offsets.ts';

/** How far a member is in a change of its partitions. */
export type RebalanceStage = 'begun' | 'done' | 'failed';

/** What became of a classic group when it joined. */
export interface JoinedGroup {
  readonly leaderId: string;
  readonly protocol: string | null;
  /** When this member asked for its assignment, by `performance.now()`. */
  readonly askedMs: number;
}

/** What a member of a group is told, and what it may ask. */
export interface MembershipEvents {
  /** The topics that the member wants now. */
  topics(): readonly string[];
  owned(): readonly TopicPartition[];
  onAssigned(partitions: readonly TopicPartition[]): Promise<void>;
  /** They are the member's until it resolves. */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>;
  /** Others may have them already. */
  onLost(partitions: readonly TopicPartition[]): Promise<void>;
  /** The member begins to join or to take another assignment; `done` or `failed` follows. */
  onRebalance(stage: RebalanceStage): void;
  /** The group chose a leader and an assignor; the assignment follows. */
  onJoined?(joined: JoinedGroup): void;
  /** The group has answered that this is its member; when it was asked, by `performance.now()`. */
  onHeartbeat?(askedMs: number): void;
  /** The membership is over. */
  onError(error: KafkaError): void;
}

/** The life of one member in its group. It goes on in the background until `close`. */
export interface Membership {
  readonly identity: GroupIdentity;
  /** Where the broker decides on the session: for how long it surely bears not to hear of it. */
  readonly sessionMs?: number;
  /** The topics that `topics()` gives have changed. */
  onTopics(): void;
  /** Asks for another assignment: what it follows from has changed. */
  rejoin(): void;
  /** Leaves the group, unless the member is static or shall stay. */
  close(leaves: boolean): Promise<void>;
}
