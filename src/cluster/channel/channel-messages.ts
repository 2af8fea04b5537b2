import type { BrokerAddress } from '../../client/broker-address.ts';
import type { ClusterSettings } from '../../metadata/config/cluster-settings.ts';
import type { KraftRecord } from '../../protocol/metadata-record-table.ts';
import type { MemberState } from '../membership/member-state.ts';
import type { Registration } from '../membership/registration.ts';
import type { PeerSecurity } from '../quorum/controller-settings.ts';
import type { MetadataPosition, QuorumRecord } from '../quorum/metadata-sink.ts';

/** What the thread of the channel is started with. */
export interface ChannelSetup extends ClusterSettings {
  readonly nodeId: number;
  readonly directoryId: string;
  /** Of the connections to the controllers. */
  readonly security: PeerSecurity;
}

/** From the thread of the channel to the front, in the order of the metadata log. */
export type ChannelMessage =
  | { readonly kind: 'cluster'; readonly clusterId: string }
  | {
      readonly kind: 'leader';
      readonly leaderId: number;
      readonly epoch: number;
      readonly address: BrokerAddress | null;
    }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'records'; readonly records: readonly KraftRecord[] }
  | { readonly kind: 'quorum'; readonly record: QuorumRecord }
  | { readonly kind: 'position'; readonly position: MetadataPosition }
  | { readonly kind: 'member'; readonly state: MemberState; readonly epoch: number }
  | { readonly kind: 'heartbeat'; readonly lateMs: number; readonly answerMs: number }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };

/** From the front to the thread. */
export type ChannelCommand =
  | { readonly kind: 'register'; readonly registration: Registration }
  /** The front shows the metadata up to this offset, and its partitions follow them. */
  | { readonly kind: 'published'; readonly offset: number; readonly metadataVersion: number }
  /** A message with records. */
  | { readonly kind: 'records-taken' }
  /** What lies in that log directory is out of reach. */
  | { readonly kind: 'directory-lost'; readonly directoryId: string }
  /** Clients may be sent here. */
  | { readonly kind: 'unfence' }
  /** What this broker leads is to be led by others. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'stop' };
