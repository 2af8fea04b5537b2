import { BrokerConfig } from '../../src/metadata/config/broker-config.ts';
import type { MetadataImage } from '../../src/metadata/image.ts';
import { ImageDraft } from '../../src/metadata/image-draft.ts';
import type {
  MetadataChange,
  MetadataQuorum,
  MetadataView,
} from '../../src/metadata/metadata-view.ts';
import type { MetadataRecord } from '../../src/metadata/records.ts';

/** Metadata that other nodes decide about: the test says what comes. */
export class ImageView implements MetadataView {
  readonly config = BrokerConfig.of();
  quorum: MetadataQuorum = {
    leaderId: 9,
    leaderEpoch: 1,
    highWatermark: 0,
    voters: [9],
  };
  readonly #listeners: ((change: MetadataChange) => void)[] = [];
  image: MetadataImage = ImageDraft.empty();

  constructor(...records: readonly MetadataRecord[]) {
    this.apply(...records);
  }

  onChange(listener: (change: MetadataChange) => void): void {
    this.#listeners.push(listener);
  }

  apply(...records: readonly MetadataRecord[]): void {
    const before = this.image;
    const after = new ImageDraft(before);
    for (const record of records) after.apply(record);
    this.image = after;
    for (const listener of this.#listeners) listener({ before, after, records });
  }
}
