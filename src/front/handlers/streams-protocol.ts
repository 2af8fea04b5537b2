import { finalizedLevel } from '../requests/finalized-level.ts';
import type { Services } from '../requests/front-services.ts';

const FEATURE = 'streams.version';

/**
 * Whether streams groups are served: `group.coordinator.rebalance.protocols` names them, and the
 * feature streams.version is not switched off.
 */
export function servesStreams(services: Services<'settings' | 'features' | 'metadata'>): boolean {
  if (!services.settings.groups.protocols.includes('streams')) return false;
  const feature = services.features.find(({ name }) => name === FEATURE);
  return feature !== undefined && finalizedLevel(feature, services.metadata.image) > 0;
}
