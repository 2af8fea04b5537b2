import type { BrokerConfig } from './broker-config.ts';
import { bad, parseHostPort, parseProtocolMap } from './listeners.ts';
import { type PeerSettings, peerSettings } from './peer-settings.ts';
import {
  REPLICA_FETCH_PROPERTIES,
  type ReplicaFetchSettings,
  replicaFetchSettings,
} from './replica-fetch-settings.ts';

/** How this node reaches Kafka's controllers. */
export interface ClusterSettings {
  readonly role: ClusterRole;
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[];
  readonly fetchBytesMax: number;
  readonly snapshotBytesMax: number;
  readonly fetchTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly retryMs: number;
  /** Between two heartbeats of a broker. */
  readonly heartbeatMs: number;
  /** A broker that is silent for so long is fenced. */
  readonly sessionMs: number;
  /** A broker with a lost log directory has so long to tell the controllers. */
  readonly dirFailureMs: number;
  /** Leaders send consumers to a follower in the rack that they name. */
  readonly readsByRack: boolean;
  /** A replica that was not caught up for so long leaves those in sync. */
  readonly lagTimeMaxMs: number;
  /** Between two times at which high watermarks are written. */
  readonly watermarkCheckpointMs: number;
  /** The listener by which brokers reach each other. */
  readonly brokerListener: string;
  readonly controllers: PeerSettings;
  readonly brokers: PeerSettings;
  readonly replicas: ReplicaFetchSettings;
}

/** What a node is in a cluster that Kafka's controllers decide about. */
export type ClusterRole = 'observer' | 'broker';

const RACK_SELECTOR = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';

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
  'broker.heartbeat.interval.ms',
  'broker.session.timeout.ms',
  'log.dir.failure.timeout.ms',
  'replica.selector.class',
  'replication.quota.window.num',
  'replication.quota.window.size.seconds',
  'leader.replication.throttled.rate',
  'replica.lag.time.max.ms',
  'replica.high.watermark.checkpoint.interval.ms',
  'offsets.commit.timeout.ms',
  'inter.broker.listener.name',
  'security.inter.broker.protocol',
  'sasl.mechanism.controller.protocol',
  'sasl.mechanism.inter.broker.protocol',
  'ssl.endpoint.identification.algorithm',
  ...REPLICA_FETCH_PROPERTIES,
];

/** Null for a node that decides alone. */
export function clusterSettings(config: BrokerConfig): ClusterSettings | null {
  const bootstrap = controllersOf(config);
  const role = roleOf(config, bootstrap.length > 0);
  if (role === null) return null;
  if (bootstrap.length === 0) {
    throw bad(`controller.quorum.bootstrap.servers names no controller to be ${OBSERVER_ROLE} of`);
  }
  const brokerListener = brokerListenerOf(config);
  const replicas = replicaFetchSettings(config);
  const lagTimeMaxMs = config.number('replica.lag.time.max.ms');
  requireWaitWithin(replicas.timeoutMs, 'replica.socket.timeout.ms', replicas.waitMaxMs);
  requireWaitWithin(lagTimeMaxMs, 'replica.lag.time.max.ms', replicas.waitMaxMs);
  return {
    role,
    bootstrap,
    fetchBytesMax: config.number('controller.quorum.fetch.max.bytes'),
    snapshotBytesMax: config.number('controller.quorum.fetch.snapshot.max.bytes'),
    fetchTimeoutMs: config.number('controller.quorum.fetch.timeout.ms'),
    requestTimeoutMs: config.number('controller.quorum.request.timeout.ms'),
    retryMs: config.number('controller.quorum.retry.backoff.ms'),
    heartbeatMs: config.number('broker.heartbeat.interval.ms'),
    sessionMs: config.number('broker.session.timeout.ms'),
    dirFailureMs: config.number('log.dir.failure.timeout.ms'),
    readsByRack: readsByRack(config),
    lagTimeMaxMs,
    watermarkCheckpointMs: config.number('replica.high.watermark.checkpoint.interval.ms'),
    brokerListener,
    controllers: peersAt(
      config,
      controllerListenerOf(config),
      'sasl.mechanism.controller.protocol',
    ),
    brokers: peersAt(config, brokerListener, 'sasl.mechanism.inter.broker.protocol'),
    replicas,
  };
}

/** A broker is one of a cluster where it is told to be no controller, and where those are. */
function roleOf(config: BrokerConfig, namesControllers: boolean): ClusterRole | null {
  const roles = config.list('process.roles');
  if (roles.includes(OBSERVER_ROLE)) {
    if (roles.length > 1) throw bad(`process.roles: ${OBSERVER_ROLE} goes with no other role`);
    return 'observer';
  }
  return roles.length === 1 && roles[0] === 'broker' && namesControllers ? 'broker' : null;
}

/** Or a follower with nothing to fetch would be taken for one that is gone. */
function requireWaitWithin(ms: number, property: string, waitMaxMs: number): void {
  if (waitMaxMs <= ms) return;
  throw bad(`replica.fetch.wait.max.ms is ${waitMaxMs}, and ${property} is only ${ms}`);
}

/** Classes of users cannot run here. */
function readsByRack(config: BrokerConfig): boolean {
  const selector = config.text('replica.selector.class') ?? '';
  if (selector === '') return false;
  if (selector !== RACK_SELECTOR) {
    throw bad(`replica.selector.class: ${selector} is not served, only ${RACK_SELECTOR} is`);
  }
  return true;
}

/** Without a name of its own it is named as its protocol. */
function brokerListenerOf(config: BrokerConfig): string {
  const protocol = config.text('security.inter.broker.protocol') ?? 'PLAINTEXT';
  return (config.text('inter.broker.listener.name') ?? protocol).toUpperCase();
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
function controllerListenerOf(config: BrokerConfig): string {
  return (config.list('controller.listener.names')[0] ?? 'CONTROLLER').toUpperCase();
}

function peersAt(config: BrokerConfig, listener: string, mechanismProperty: string): PeerSettings {
  const property = 'listener.security.protocol.map';
  const protocols = parseProtocolMap(property, config.text(property) ?? '');
  return peerSettings(config, listener, protocols.get(listener) ?? 'PLAINTEXT', mechanismProperty);
}
