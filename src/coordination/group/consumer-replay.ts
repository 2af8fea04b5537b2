import type { CoordinatorState } from './coordinator-state.ts';
import type { RecordKey } from './record-keys.ts';

export function replayConsumerRecord(
  _state: CoordinatorState,
  _key: RecordKey,
  _value: Buffer | null,
): void {}
