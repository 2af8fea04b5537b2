import type { HostInfo } from './host-info.ts';

/**
 * Why a store cannot be read.
 *
 * - `QUERY_UNKNOWN_STORE`: the topology has no store of that name.
 * - `QUERY_WRONG_KIND`: the store is of another kind, or the call is none that stores have.
 * - `QUERY_NOT_RUNNING`: the application is not started, or has ended.
 * - `QUERY_REBALANCING`: its tasks are moving, or the store is being restored; it passes.
 * - `QUERY_NOT_HERE`: another instance has it: `host` says which, where that is known.
 * - `QUERY_STALE`: what is here is further behind than the question allows.
 * - `QUERY_TOO_LARGE`: more rows than one answer carries.
 * - `QUERY_NO_ANSWER`: the instance that has it did not answer in time.
 * - `QUERY_REFUSED`: that instance does not know who asks.
 */
export type QueryErrorCode =
  | 'QUERY_UNKNOWN_STORE'
  | 'QUERY_WRONG_KIND'
  | 'QUERY_NOT_RUNNING'
  | 'QUERY_REBALANCING'
  | 'QUERY_NOT_HERE'
  | 'QUERY_STALE'
  | 'QUERY_TOO_LARGE'
  | 'QUERY_NO_ANSWER'
  | 'QUERY_REFUSED';

const PASSING: readonly QueryErrorCode[] = [
  'QUERY_REBALANCING',
  'QUERY_NOT_HERE',
  'QUERY_NO_ANSWER',
];

/** What reading a store of an application throws. */
export class QueryError extends Error {
  /** `QueryError`. */
  override readonly name = 'QueryError';
  /** Says what is wrong; programs act on it, since messages may change. */
  readonly code: QueryErrorCode;
  /** The instance that has what was asked for; null where that is not known. */
  readonly host: HostInfo | null;

  constructor(code: QueryErrorCode, message: string, host: HostInfo | null = null) {
    super(message);
    this.code = code;
    this.host = host;
  }

  /** Whether the same question may be answered soon. */
  get isPassing(): boolean {
    return PASSING.includes(this.code);
  }
}
