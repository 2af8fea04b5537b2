import type { MetadataImage } from '../../metadata/image.ts';
import type { Feature } from './handler.ts';

/** The level at which a feature is finalized: what was set, or that of a new cluster. */
export function finalizedLevel({ name, level }: Feature, image: MetadataImage): number {
  return image.features.get(name) ?? level;
}
