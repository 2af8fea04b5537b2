import type { BrokerAddress } from '../../client/broker-address.ts';
import type { KraftRecord } from '../../protocol/metadata-record-table.ts';
import type { KRaftVersionRecord, VotersRecord } from '../../protocol/schema/records-quorum.ts';

/** Where an image stands in the metadata log: the last record that is in it. */
export interface MetadataPosition {
  readonly offset: number;
  readonly epoch: number;
  readonly timestampMs: number;
}

/** What the quorum says of itself, in control records. */
export type QuorumRecord =
  | { readonly kind: 'kraftVersion'; readonly body: KRaftVersionRecord }
  | { readonly kind: 'voters'; readonly body: VotersRecord };

/** Takes the committed metadata log, in its order. */
export interface MetadataSink {
  onCluster(clusterId: string): void;
  /** The address is null where it is not known. */
  onLeader(leaderId: number, epoch: number, address: BrokerAddress | null): void;
  /** A snapshot follows. It takes the place of everything before it. */
  onSnapshot(): void;
  onRecords(records: readonly KraftRecord[]): void;
  onQuorum(record: QuorumRecord): void;
  /** What came since the last call is whole and may be shown. */
  onPosition(position: MetadataPosition): void;
}

/** A sink that takes records as fast as it can. */
export interface PacedSink extends MetadataSink {
  /** Resolves once it may be given records again. */
  room(): Promise<void>;
}
