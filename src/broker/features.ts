import type { Feature } from '../front/requests/handler.ts';

/**
 * The features that ApiVersions reports. Clients use the newer transaction protocol only where
 * transaction.version is finalized at 2. It is left out, since transactions are not served.
 */
export const supportedFeatures: readonly Feature[] = [
  { name: 'metadata.version', minVersion: 7, maxVersion: 30, level: 30 },
  { name: 'group.version', minVersion: 0, maxVersion: 1, level: 1 },
];
