import type { MarkerFields } from './worker-proxy.ts';

/** A marker that a coordinator asks the front to have written, wherever the partition is. */
export interface WantedMarker extends MarkerFields {
  /** Names the marker in its outcome. */
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
}

/** What became of a marker; 0 where it lies under the high watermark of its partition. */
export type MarkerOutcome = readonly [id: number, errorCode: number];

/** The transactional ids that a worker coordinates. */
export interface TransactionCensus {
  /** How many there are in each state, by Kafka's name of it. */
  readonly states: Readonly<Record<string, number>>;
  /** When the oldest of the transactions began that are not over; null where there is none. */
  readonly oldestStartMs: number | null;
}
