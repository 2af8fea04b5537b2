import type { CoordinatorState } from '../coordinator-state.ts';
import { offsetCommitKey } from './offset-records.ts';

export function removeOffset(
  state: CoordinatorState,
  groupId: string,
  topic: string,
  partition: number,
): void {
  state.persist({ key: offsetCommitKey(groupId, topic, partition), value: null });
  state.offsets.delete(groupId, topic, partition);
}
