import type { BrokerAddress } from '../client/broker-address.ts';
import type { BrokerConfig } from '../metadata/config/broker-config.ts';
import type { MetadataChange, MetadataQuorum, MetadataView } from '../metadata/metadata-view.ts';
import type { KraftRecord } from '../protocol/metadata-record-table.ts';
import { type ClusterChange, ClusterDraft } from './image/cluster-draft.ts';
import { type ClusterImage, emptyClusterImage } from './image/cluster-image.ts';
import type { MetadataPosition, MetadataSink, QuorumRecord } from './quorum/metadata-sink.ts';

/** How a listener hears of the cluster's changes. */
export type ClusterListener = (change: ClusterChange & MetadataChange) => void;

/**
 * The metadata of a cluster that Kafka's controllers decide about, as the front sees it. It takes
 * the committed log from the channel and shows an image after each step of it.
 */
export class ClusterMetadata implements MetadataView, MetadataSink {
  readonly #fixedConfig: BrokerConfig;
  readonly #listeners: ClusterListener[] = [];
  #image: ClusterImage;
  #config: BrokerConfig;
  #draft: ClusterDraft | null = null;
  #leaderId = -1;
  #leaderEpoch = 0;
  #leaderAddress: BrokerAddress | null = null;
  #voters: readonly number[] = [];
  /** Called where another controller leads. */
  onLeaderMoved: (() => void) | null = null;
  #onShown: (() => void) | null = null;
  /** Resolves once the node has caught up with the controllers and shows its first image. */
  readonly caughtUp: Promise<void>;

  constructor(config: BrokerConfig, nodeId: number) {
    this.#fixedConfig = config;
    this.#config = config;
    this.#image = emptyClusterImage('', nodeId);
    this.caughtUp = new Promise((resolve) => {
      this.#onShown = resolve;
    });
  }

  get image(): ClusterImage {
    return this.#image;
  }

  get config(): BrokerConfig {
    return this.#config;
  }

  get quorum(): MetadataQuorum {
    return {
      leaderId: this.#leaderId,
      leaderEpoch: this.#leaderEpoch,
      highWatermark: this.#image.offset + 1,
      voters: this.#voters,
    };
  }

  onChange(listener: ClusterListener): void {
    this.#listeners.push(listener);
  }

  /** Resolves once the image is like that. */
  until(isReached: (image: ClusterImage) => boolean): Promise<void> {
    if (isReached(this.#image)) return Promise.resolve();
    return new Promise((resolve) => {
      const look: ClusterListener = ({ after }) => {
        if (!isReached(after)) return;
        this.#listeners.splice(this.#listeners.indexOf(look), 1);
        resolve();
      };
      this.#listeners.push(look);
    });
  }

  onCluster(clusterId: string): void {
    this.#image = { ...this.#image, clusterId };
  }

  /** The controller that leads; null while none is known to. */
  get leaderAddress(): BrokerAddress | null {
    return this.#leaderAddress;
  }

  onLeader(leaderId: number, epoch: number, address: BrokerAddress | null): void {
    this.#leaderId = leaderId;
    this.#leaderEpoch = epoch;
    this.#leaderAddress = address;
    this.onLeaderMoved?.();
  }

  onQuorum(record: QuorumRecord): void {
    if (record.kind !== 'voters') return;
    this.#voters = record.body.voters.map(({ voterId }) => voterId);
  }

  onSnapshot(): void {
    this.#draft = ClusterDraft.inPlaceOf(this.#image);
  }

  onRecords(records: readonly KraftRecord[]): void {
    this.#draft ??= ClusterDraft.behind(this.#image);
    for (const record of records) this.#draft.apply(record);
  }

  onPosition(position: MetadataPosition): void {
    const draft = this.#draft ?? ClusterDraft.behind(this.#image);
    this.#draft = null;
    const change = draft.finish(position);
    this.#image = change.after;
    this.#takeConfig(change);
    this.#onShown?.();
    this.#onShown = null;
    // A listener may take itself off the list.
    for (const listener of [...this.#listeners]) listener(change);
  }

  #takeConfig({ before, after }: ClusterChange): void {
    const { brokerConfigs, nodeId } = after;
    if (before.brokerConfigs === brokerConfigs) return;
    const forAll = brokerConfigs.get('');
    this.#config = this.#fixedConfig.withDynamic(forAll, brokerConfigs.get(String(nodeId)));
  }
}
