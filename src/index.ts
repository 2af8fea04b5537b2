/** millrace as a library: a broker inside a Node process. */
export { MillraceError, type MillraceErrorCode } from './base/errors.ts';
export type { Logger } from './base/logger.ts';
export type { ConfigObject } from './broker/config.ts';
export type {
  ClientIdentity,
  EmbeddedMechanism,
  EmbeddedSecurity,
  EmbeddedSecurityOptions,
} from './broker/embedded-security.ts';
export {
  EmbeddedBroker,
  type StartBrokerOptions,
  startBroker,
  type TopicOptions,
} from './broker/start-broker.ts';
export { startCluster, whyNoCluster } from './broker/start-cluster.ts';
export type { ClusterBroker } from './cluster/embedded/cluster-broker.ts';
export type {
  ClusterConfig,
  ClusterTopicOptions,
  EmbeddedCluster,
  StartClusterOptions,
} from './cluster/embedded/embedded-cluster.ts';
export type { IssuedCertificate } from './security/tls/throw-away-authority.ts';
