import type { Feature } from '../front/requests/handler.ts';

/**
 * What ApiVersions says of features, true to what is served. Clients turn to the newer transaction
 * protocol only where transaction.version is finalized at 2; without transactions it is left out.
 */
export const supportedFeatures: readonly Feature[] = [
  { name: 'metadata.version', minVersion: 7, maxVersion: 30, level: 30 },
  { name: 'group.version', minVersion: 0, maxVersion: 1, level: 1 },
];
