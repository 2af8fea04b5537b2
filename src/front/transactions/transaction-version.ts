import type { MetadataImage } from '../../metadata/image.ts';

export const TRANSACTION_VERSION = 'transaction.version';
/** The level that a new cluster starts with, as that of Kafka 4.3. */
const NEWEST = 2;

/** The finalized level of the feature. */
export function transactionVersionOf(image: MetadataImage): number {
  return image.features.get(TRANSACTION_VERSION) ?? NEWEST;
}
