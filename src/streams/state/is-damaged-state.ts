import { StateError } from './state-error.ts';

/** Whether it says, or was caused by, rows on disk that are damaged. They are restored. */
export function isDamagedState(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof StateError && error.code === 'STATE_DAMAGED') return true;
  }
  return false;
}
