import type { Feature } from '../front/requests/handler.ts';

/**
 * The features that ApiVersions reports, at the levels of Kafka 4.3.1 for a new cluster. Clients
 * use the newer transaction protocol only where transaction.version is finalized at 2.
 */
export const supportedFeatures: readonly Feature[] = [
  { name: 'metadata.version', minVersion: 7, maxVersion: 30, level: 30 },
  { name: 'group.version', minVersion: 0, maxVersion: 1, level: 1 },
  { name: 'transaction.version', minVersion: 0, maxVersion: 2, level: 2, isAdjustable: true },
  { name: 'streams.version', minVersion: 0, maxVersion: 1, level: 1, isAdjustable: true },
];

/**
 * The same in a cluster, where the controllers finalize the levels. A broker must support what they
 * have finalized, or they do not take it.
 */
export const clusterFeatures: readonly Feature[] = [
  ...supportedFeatures.map((feature) => ({ ...feature, level: 0 })),
  { name: 'kraft.version', minVersion: 0, maxVersion: 1, level: 0 },
  { name: 'eligible.leader.replicas.version', minVersion: 0, maxVersion: 1, level: 0 },
];
