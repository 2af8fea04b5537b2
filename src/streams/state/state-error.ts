/**
 * What is wrong with state.
 *
 * - `STATE_LOCKED`: another process has the directory.
 * - `STATE_FOREIGN`: the directory belongs to another application, or to another version of the
 * form.
 * - `STATE_DISK`: the disk refused; the local log stays at the commit before.
 * - `STATE_DAMAGED`: rows on disk are not as they were written; they are restored.
 * - `STATE_FULL`: a store holds as much as it may.
 * - `STATE_BYTES`: bytes of a changelog or a key that no serde wrote.
 * - `STATE_CLOSED`: the store is not open.
 * - `STATE_ARGUMENT`: a call with a key or a setting that cannot be.
 */
export type StateErrorCode =
  | 'STATE_LOCKED'
  | 'STATE_FOREIGN'
  | 'STATE_DISK'
  | 'STATE_DAMAGED'
  | 'STATE_FULL'
  | 'STATE_BYTES'
  | 'STATE_CLOSED'
  | 'STATE_ARGUMENT';

/** What stores and their directories throw. */
export class StateError extends Error {
  /** `StateError`. */
  override readonly name = 'StateError';
  /** Says what is wrong; programs act on it, since messages may change. */
  readonly code: StateErrorCode;

  constructor(code: StateErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
