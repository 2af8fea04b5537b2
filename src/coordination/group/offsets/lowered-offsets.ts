import type { CoordinatorState } from '../coordinator-state.ts';
import { offsetCommitRecord } from './offset-records.ts';

/** The offset at which a group must go on, because its partition ends there. */
export interface LoweredOffset {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

const NO_EPOCH = -1;

/**
 * Lowers the commits of this shard's groups that lie beyond the given offsets, and what is pending.
 */
export function lowerOffsets(state: CoordinatorState, lowered: readonly LoweredOffset[]): void {
  const { offsets, wallMs } = state;
  for (const { groupId, topic, partition, offset } of lowered) {
    offsets.lowerPending(groupId, topic, partition, offset);
    const committed = offsets.get(groupId, topic, partition);
    if (committed === undefined || committed.offset <= offset) continue;
    const value = { ...committed, offset, leaderEpoch: NO_EPOCH, commitMs: wallMs };
    state.persist(offsetCommitRecord(groupId, topic, partition, value));
    offsets.put(groupId, topic, partition, value);
  }
}

/** Writes the lowered offsets that a marker has committed. The log has them as they were. */
export function persistLowered(state: CoordinatorState): void {
  for (const { groupId, topic, partition, value } of state.offsets.takeLowered()) {
    state.persist(offsetCommitRecord(groupId, topic, partition, value));
  }
}
