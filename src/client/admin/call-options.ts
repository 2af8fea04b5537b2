/** What every call takes. */
export interface CallOptions {
  /** For how long the call may go on, with all its attempts; `defaultApiTimeoutMs` without it. */
  readonly timeoutMs?: number | undefined;
  /** Ends the call with the error `ABORTED`. What a broker was already asked to do, it may do. */
  readonly signal?: AbortSignal | undefined;
}
