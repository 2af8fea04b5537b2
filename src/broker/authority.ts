import type { ClusterReport } from '../front/metrics/cluster-report.ts';
import type { PartitionMirror } from '../front/partitions/partition-mirror.ts';
import type { ReplicaThrottle } from '../front/partitions/replica-throttle.ts';
import type { TopicDirectory } from '../front/partitions/topic-directory.ts';
import type { Forwarding } from '../front/requests/forwarding.ts';
import type { FrontServices } from '../front/requests/front-services.ts';
import type { AnyHandler, Feature, ServedApi } from '../front/requests/handler.ts';
import type { BrokerPeers } from '../front/transactions/broker-peers.ts';
import type { MetadataChanges } from '../metadata/metadata-changes.ts';
import type { MetadataView } from '../metadata/metadata-view.ts';
import type { ReplicaReports } from '../metadata/replica-reports.ts';

/** Who decides about the metadata of a broker: itself, or the controllers of its cluster. */
export interface Authority {
  readonly view: MetadataView;
  readonly changes: MetadataChanges;
  readonly reports: ReplicaReports;
  /** Null where the broker itself decides. */
  readonly forwarding: Forwarding | null;
  /** Null where there are no other brokers. */
  readonly peers: BrokerPeers | null;
  /** Of what other brokers copy from this one. Null where there are none. */
  readonly leaderThrottle: ReplicaThrottle | null;
  /** Null where there are no other brokers. */
  readonly report: ClusterReport | null;
  /** Elections say which partitions the broker leads. */
  readonly isElected: boolean;
  /** The parts of the broker stand, and nothing comes from its workers yet. */
  attach(front: FrontServices): void;
  /** The workers took these roles. Not called where nobody elects. */
  onElected(mirrors: readonly PartitionMirror[]): void;
  /** The disk with that log directory failed. Not called where nobody elects. */
  onDirectoryLost(directoryId: string): void;
  /** Resolves with true once it is known that the replica is to lie in that log directory. */
  assignDirectory(mirror: PartitionMirror, logDir: string): Promise<boolean>;
  readonly handlers: readonly AnyHandler[];
  readonly features: readonly Feature[];
  /** The epoch of the broker's registration; -1 where there is none. */
  readonly brokerEpoch: number;
  /** Of what the broker serves, what it can serve now. */
  narrow(served: readonly ServedApi[]): readonly ServedApi[];
  /** Logs are recovered. Resolves when clients may come. */
  admit(directory: TopicDirectory): Promise<void>;
  /** The broker is about to stop. Resolves when nobody counts on it any more. */
  leave(): Promise<void>;
  close(): Promise<void>;
}
