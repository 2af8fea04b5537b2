/** Partitions by topic id. */
export type Assignment = ReadonlyMap<string, ReadonlySet<number>>;

/** Partitions by topic id, each with the member epoch at which the member was given it. */
export type OwnedPartitions = ReadonlyMap<string, ReadonlyMap<number, number>>;

export const EMPTY_ASSIGNMENT: Assignment = new Map();
export const NOTHING_OWNED: OwnedPartitions = new Map();
const NO_PARTITIONS: ReadonlySet<number> = new Set();
const NO_EPOCHS: ReadonlyMap<number, number> = new Map();

/** Partitions in the form of requests and responses. */
export interface TopicPartitions {
  topicId: string;
  partitions: number[];
}

export function partitionsIn(assignment: Assignment, topicId: string): ReadonlySet<number> {
  return assignment.get(topicId) ?? NO_PARTITIONS;
}

export function epochsIn(owned: OwnedPartitions, topicId: string): ReadonlyMap<number, number> {
  return owned.get(topicId) ?? NO_EPOCHS;
}

export function isSameAssignment(one: Assignment, other: Assignment): boolean {
  if (one.size !== other.size) return false;
  for (const [topicId, partitions] of one) {
    const others = other.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const partition of partitions) if (!others.has(partition)) return false;
  }
  return true;
}

export function isSameOwnership(one: OwnedPartitions, other: OwnedPartitions): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [topicId, partitions] of one) {
    const others = other.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const [partition, epoch] of partitions) {
      if (others.get(partition) !== epoch) return false;
    }
  }
  return true;
}

/** All partitions of an assignment as given at one epoch. */
export function ownedSince(assignment: Assignment, epoch: number): OwnedPartitions {
  const owned = new Map<string, Map<number, number>>();
  for (const [topicId, partitions] of assignment) {
    const epochs = new Map<number, number>();
    for (const partition of partitions) epochs.set(partition, epoch);
    owned.set(topicId, epochs);
  }
  return owned;
}

/** The same partitions, all given at one epoch. */
export function withEpoch(owned: OwnedPartitions, epoch: number): OwnedPartitions {
  return ownedSince(partitionsOf(owned), epoch);
}

export function partitionsOf(owned: OwnedPartitions): Assignment {
  const assignment = new Map<string, Set<number>>();
  for (const [topicId, epochs] of owned) assignment.set(topicId, new Set(epochs.keys()));
  return assignment;
}

/** In rising order, so that equal assignments look equal. */
export function toTopicPartitions(assignment: Assignment): TopicPartitions[] {
  const topics: TopicPartitions[] = [];
  for (const [topicId, partitions] of assignment) {
    topics.push({ topicId, partitions: [...partitions].sort((one, other) => one - other) });
  }
  return topics;
}

/** Whether everything that `topics` names is owned. */
export function areAllOwned(
  topics: readonly TopicPartitions[] | null,
  owned: OwnedPartitions,
): boolean {
  if (topics === null) return false;
  return topics.every(({ topicId, partitions }) => {
    const epochs = epochsIn(owned, topicId);
    return partitions.every((partition) => epochs.has(partition));
  });
}
