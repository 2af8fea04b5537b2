import type { BrokerConfig } from './broker-config.ts';
import { bad, parseHostPort, parseProtocolMap } from './listeners.ts';

/** How this node reaches Kafka's controllers. */
export interface ClusterSettings {
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[];
  readonly fetchBytesMax: number;
  readonly snapshotBytesMax: number;
  readonly fetchTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly retryMs: number;
}

/** A node that follows a cluster's metadata, answers questions about it, and holds no data. */
export const OBSERVER_ROLE = 'observer';

/** What counts where a node follows controllers; without effect elsewhere. */
export const CLUSTER_PROPERTIES: readonly string[] = [
  'controller.quorum.bootstrap.servers',
  'controller.quorum.voters',
  'controller.quorum.fetch.max.bytes',
  'controller.quorum.fetch.snapshot.max.bytes',
  'controller.quorum.fetch.timeout.ms',
  'controller.quorum.request.timeout.ms',
  'controller.quorum.retry.backoff.ms',
];

/** Null for a node that decides alone. */
export function clusterSettings(config: BrokerConfig): ClusterSettings | null {
  const roles = config.list('process.roles');
  if (!roles.includes(OBSERVER_ROLE)) return null;
  if (roles.length > 1) throw bad(`process.roles: ${OBSERVER_ROLE} goes with no other role`);
  const bootstrap = controllersOf(config);
  if (bootstrap.length === 0) {
    throw bad(`controller.quorum.bootstrap.servers names no controller to be ${OBSERVER_ROLE} of`);
  }
  requirePlaintext(config);
  return {
    bootstrap,
    fetchBytesMax: config.number('controller.quorum.fetch.max.bytes'),
    snapshotBytesMax: config.number('controller.quorum.fetch.snapshot.max.bytes'),
    fetchTimeoutMs: config.number('controller.quorum.fetch.timeout.ms'),
    requestTimeoutMs: config.number('controller.quorum.request.timeout.ms'),
    retryMs: config.number('controller.quorum.retry.backoff.ms'),
  };
}

/** The bootstrap servers, or else the voters, `id@host:port` each. */
function controllersOf(config: BrokerConfig): { host: string; port: number }[] {
  const servers = 'controller.quorum.bootstrap.servers';
  const voters = 'controller.quorum.voters';
  const named = config.list(servers).map((text) => parseHostPort(servers, text));
  if (named.length > 0) return named;
  return config.list(voters).map((text) => parseHostPort(voters, text.replace(/^\d+@/, '')));
}

/** Kafka's brokers reach the controllers by the first listener of `controller.listener.names`. */
function requirePlaintext(config: BrokerConfig): void {
  const [listener] = config.list('controller.listener.names');
  if (listener === undefined) return;
  const property = 'listener.security.protocol.map';
  const protocols = parseProtocolMap(property, config.text(property) ?? '');
  const protocol = protocols.get(listener.toUpperCase()) ?? 'PLAINTEXT';
  if (protocol === 'PLAINTEXT') return;
  throw bad(`${property}: controllers are reached in PLAINTEXT only, not by ${protocol}`);
}
