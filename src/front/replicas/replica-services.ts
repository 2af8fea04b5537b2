import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ReplicaFetchSettings } from '../../metadata/config/replica-fetch-settings.ts';
import type { ReplicaThrottle } from '../partitions/replica-throttle.ts';
import type { Workers } from '../partitions/workers.ts';
import type { LeaderPeers } from './leader-peers.ts';

/** The workers as followers need them. */
export type ReplicaWorkers = Pick<
  Workers,
  | 'workerCount'
  | 'isBackedUp'
  | 'append'
  | 'control'
  | 'tell'
  | 'takeAppendTicket'
  | 'giveBackAppendTicket'
>;

/** Holds what throttled replicas copy to a rate. */
export type CopyThrottle = Pick<ReplicaThrottle, 'isExceeded' | 'concerns' | 'count'>;

/** What it takes to follow leaders by any number of fetchers. */
export interface ReplicaFetchingServices extends Omit<ReplicaServices, 'peers'> {
  /** Each fetcher asks over connections of its own. */
  readonly peersOf: (fetcher: number) => LeaderPeers;
}

/** What it takes to follow leaders. */
export interface ReplicaServices {
  readonly nodeId: number;
  /** Of this broker's registration in force. */
  readonly brokerEpoch: () => number;
  /** The level of metadata.version that is finalized. */
  readonly metadataVersion: () => number;
  readonly settings: ReplicaFetchSettings;
  readonly peers: LeaderPeers;
  readonly throttle: CopyThrottle;
  readonly workers: ReplicaWorkers;
  /** Resolves once the files say how far the logs are; a failure is told by whoever writes them. */
  readonly saveCheckpoints: () => Promise<unknown>;
  readonly clock: Clock;
  readonly logger: Logger;
}
