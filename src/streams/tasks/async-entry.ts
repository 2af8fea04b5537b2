import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { RecordOrigin } from '../topology/record-origin.ts';
import type { HeldOffset } from './held-offsets.ts';

/** How far a call is. */
export const CALL = {
  WAITING: 0,
  RUNNING: 1,
  /** It failed and comes again at `dueMs`. */
  RESTING: 2,
  DONE: 3,
  FAILED: 4,
} as const;

/** One record of an asynchronous operator, from its arrival until its result went on. */
export interface AsyncEntry {
  readonly key: unknown;
  readonly value: unknown;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
  readonly origin: RecordOrigin;
  /** What keeps its offset from being committed; null where no record of a topic led to it. */
  readonly held: HeldOffset | null;
  /** By which records of one key are told; null where keys do not matter. */
  readonly lane: unknown;
  state: number;
  attempt: number;
  /** When the call that runs was made. */
  startMs: number;
  /** When a running call has taken too long, and when a resting one comes again. */
  dueMs: number;
  /** What the call gave or threw. */
  result: unknown;
}
