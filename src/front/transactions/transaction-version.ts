import type { MetadataImage } from '../../metadata/image.ts';

export const TRANSACTION_VERSION = 'transaction.version';
/** The level that a new cluster starts with, as that of Kafka 4.3. */
const NEWEST = 2;

/** Controllers finalize it in every cluster. Where it is, what they leave out is off. */
const METADATA_VERSION = 'metadata.version';

/** The finalized level of the feature. */
export function transactionVersionOf({ features }: MetadataImage): number {
  return features.get(TRANSACTION_VERSION) ?? (features.has(METADATA_VERSION) ? 0 : NEWEST);
}
