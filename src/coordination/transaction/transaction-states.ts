/** The states of a transaction by the numbers that the log gives them. */
export const TRANSACTION_STATE = {
  empty: 0,
  ongoing: 1,
  prepareCommit: 2,
  prepareAbort: 3,
  completeCommit: 4,
  completeAbort: 5,
  /** The id is forgotten. Neither this nor the next state is ever written. */
  dead: 6,
  prepareEpochFence: 7,
} as const;

export type TransactionState = (typeof TRANSACTION_STATE)[keyof typeof TRANSACTION_STATE];

/** By number, as DescribeTransactions and ListTransactions name them. */
export const STATE_NAMES: readonly string[] = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
];

/** The decision is in the log, and markers may be missing. */
export function isPrepared(state: TransactionState): boolean {
  return state === TRANSACTION_STATE.prepareCommit || state === TRANSACTION_STATE.prepareAbort;
}

/** Nothing is open: a new transaction may start, and an id that is not used may be forgotten. */
export function isAtRest(state: TransactionState): boolean {
  return state !== TRANSACTION_STATE.ongoing && !isPrepared(state);
}
