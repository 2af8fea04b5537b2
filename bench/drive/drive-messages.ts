/** What the processes of a turn tell each other. */
import type { DriveSpec } from './drive-spec.ts';

/** The only argument of a client's process, as JSON. */
export interface ClientSetup {
  readonly role: 'producer' | 'consumer';
  readonly spec: DriveSpec;
  readonly bootstrap: string;
  readonly topic: string;
  /** Of a consumer's process: its number, which says which members are its own. */
  readonly process: number;
  /** Where each partition begins again; empty where it does not. */
  readonly ends: readonly number[];
}

/** Times are those of the shared clock. */
export type ToClient =
  | { readonly kind: 'run'; readonly openMs: number; readonly closeMs: number }
  | { readonly kind: 'stop' };

export type FromClient =
  /** Of a producer: the first records are acknowledged. */
  | { readonly kind: 'ready'; readonly ends: readonly number[] }
  /** Of a consumer: how many members were given partitions, and how many all have. */
  | { readonly kind: 'assigned'; readonly members: number; readonly partitions: number }
  | { readonly kind: 'received'; readonly records: number }
  | ({ readonly kind: 'done' } & ClientResult);

export interface ClientResult {
  /** In the measured time, for each `SAMPLE_EVERY_MS` of it. */
  readonly counts: readonly number[];
  /** Microseconds, as HdrHistogram encodes them. */
  readonly histogram: string;
  /** How late the timer of the schedule was heard; 0 without a rate. */
  readonly timerLateP50Ms: number;
  readonly timerLateP99Ms: number;
  /** Acknowledged since the process began, and the markers of transactions. */
  readonly records: number;
  readonly markers: number;
}

export const SAMPLE_EVERY_MS = 100;
