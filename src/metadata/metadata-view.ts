import type { BrokerConfig } from './config/broker-config.ts';
import type { MetadataImage } from './image.ts';
import type { MetadataRecord } from './records.ts';

/** One step from an image to the next. */
export interface MetadataChange {
  readonly before: MetadataImage;
  readonly after: MetadataImage;
  readonly records: readonly MetadataRecord[];
  /** Ids of topics that were made, changed or removed, where the records do not tell all. */
  readonly topics?: ReadonlySet<string>;
}

/** The nodes that decide about the metadata, as DescribeQuorum names them. */
export interface MetadataQuorum {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  /** How many records are committed. */
  readonly highWatermark: number;
  readonly voters: readonly number[];
}

/** The metadata as this node knows it, no matter which node decides about it. */
export interface MetadataView {
  readonly image: MetadataImage;
  /** The broker's configuration, with what AlterConfigs set on top of the file. */
  readonly config: BrokerConfig;
  readonly quorum: MetadataQuorum;
  /** The listener is called after each change, before the answer to who asked for it. */
  onChange(listener: (change: MetadataChange) => void): void;
}
