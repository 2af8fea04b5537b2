import type { StateStore } from '../topology/state-store.ts';
import type { StoreSpec } from '../topology/store-spec.ts';
import type { HostInfo } from './host-info.ts';

/**
 * How far sources were read, by the names of their partitions: `orders-0`. Each is the offset of
 * the next record.
 */
export type Position = Readonly<Record<string, number>>;

/** A store that is in this process. */
export interface HostedStore {
  readonly store: StateStore;
  /** -1 of a global store. */
  readonly partition: number;
  readonly role: 'active' | 'restoring' | 'standby' | 'global';
  /** How many offsets it is behind the end of its changelog; 0 where it runs, -1 where unknown. */
  readonly lag: number;
  /** Of the task that fills it; null where that is not known. */
  position(): Position | null;
}

/** A store as the topology has it. */
export interface KnownStore {
  readonly spec: StoreSpec;
  readonly isGlobal: boolean;
  /** How many tasks have one; 0 where that is not known yet. */
  readonly partitions: number;
}

/** The application behind the views of its stores. */
export interface StoreHost {
  /** As Kafka names it. */
  readonly state: string;
  storeNames(): readonly string[];
  known(name: string): KnownStore | undefined;
  hosted(name: string): readonly HostedStore[];
  /** Which instance runs the task; null where that is not known. */
  hostOf(name: string, partition: number): HostInfo | null;
  /** Other instances that have copies of the task. */
  copiesOf(name: string, partition: number): readonly HostInfo[];
}
