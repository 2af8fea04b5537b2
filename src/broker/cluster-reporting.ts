import type { ClusterMetadata } from '../cluster/cluster-metadata.ts';
import type { ClusterMember } from '../cluster/membership/cluster-member.ts';
import type {
  ClusterReport,
  CopiedPartition,
  HeartbeatCounts,
  InSyncCounts,
} from '../front/metrics/cluster-report.ts';
import type { ReplicaFetching } from '../front/replicas/replica-fetching.ts';
import type { InSyncChanges } from './in-sync-changes.ts';

const NOTHING_ASKED: InSyncCounts = { expansions: 0, shrinks: 0, refusals: 0 };

/** What a broker of a cluster tells of it: the parts that know it are made after the front. */
export class ClusterReporting implements ClusterReport {
  readonly #view: ClusterMetadata;
  readonly #member: ClusterMember;
  readonly #inSync: () => InSyncChanges | null;
  readonly #fetching: () => ReplicaFetching | null;

  constructor(
    view: ClusterMetadata,
    member: ClusterMember,
    inSync: () => InSyncChanges | null,
    fetching: () => ReplicaFetching | null,
  ) {
    this.#view = view;
    this.#member = member;
    this.#inSync = inSync;
    this.#fetching = fetching;
  }

  get isFenced(): boolean {
    return this.#member.isFenced;
  }

  get metadataTimeMs(): number {
    return this.#view.image.timestampMs;
  }

  get heartbeats(): HeartbeatCounts {
    return this.#member.heartbeats;
  }

  get inSyncCounts(): InSyncCounts {
    return this.#inSync()?.counts ?? NOTHING_ASKED;
  }

  copied(): Iterable<CopiedPartition> {
    return this.#fetching()?.copied() ?? [];
  }
}
