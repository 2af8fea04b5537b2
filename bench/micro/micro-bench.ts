/**
 * A micro benchmark: fixtures are made by `prepare`, outside what is timed, from a fixed seed. The
 * hash is of what the tasks work on or bring forth: equal hashes mean that two runs did the same.
 */
export interface MicroTask {
  readonly name: string;
  /** One timed call does that many operations, so that the timer's own cost vanishes. */
  readonly operations: number;
  /** Bytes that one operation handles; 0 where that says nothing. */
  readonly bytes: number;
  readonly run: () => void;
}

export interface PreparedBench {
  readonly hash: string;
  readonly tasks: readonly MicroTask[];
  readonly close?: () => void;
}

export interface MicroBench {
  readonly name: string;
  /** `smoke`: fixtures as small as they may be, for the tests. */
  prepare(smoke: boolean): PreparedBench;
}
