import { assert } from '../base/assert.ts';
import { ClusterMetadata } from '../cluster/cluster-metadata.ts';
import { ControllerChannel } from '../cluster/controller-channel.ts';
import { ClusterMember } from '../cluster/membership/cluster-member.ts';
import { BrokerPeers } from '../cluster/peers/broker-peers.ts';
import { ActiveController } from '../cluster/quorum/active-controller.ts';
import {
  type ControllerTimes,
  controllerSettings,
  type PeerConnections,
  type PeerSecurity,
} from '../cluster/quorum/controller-settings.ts';
import { CopyRun } from '../front/replicas/copy-run.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import type { ClusterSettings } from '../metadata/config/cluster-settings.ts';
import { Broker, type BrokerOptions } from './broker.ts';
import { ClusterAuthority, FORWARD_LIMIT_MS } from './cluster-authority.ts';
import { ClusterDirectories } from './cluster-directories.ts';
import { registrationOf, requireFeatures } from './cluster-registration.ts';
import { openLogDirectories } from './open-log-directories.ts';
import { peerSecurity } from './peer-security.ts';

/** A broker of a cluster that Kafka's controllers decide about. */
export class ClusterNode {
  readonly metadata: ClusterMetadata;
  readonly #options: BrokerOptions;
  readonly #cluster: ClusterSettings;
  readonly #directories: LogDirectories;
  readonly #identity: ClusterDirectories;
  readonly #member = new ClusterMember();
  readonly #channel: ControllerChannel;
  readonly #controller: ActiveController;
  readonly #connections: Connections;
  readonly #closing = new AbortController();
  #broker: Broker | null = null;
  #starting: Promise<Broker | null> = Promise.resolve(null);

  /** Locks the log directories and starts to follow the controllers. */
  constructor(options: BrokerOptions) {
    const { settings, config } = options.loaded;
    const { cluster, nodeId } = settings;
    assert(cluster !== null, 'a broker of a cluster is told where the controllers are');
    this.#options = options;
    this.#cluster = cluster;
    const directories = openLogDirectories(options);
    this.#directories = directories;
    this.#identity = this.#orRelease(() => new ClusterDirectories(directories, nodeId));
    const metadata = new ClusterMetadata(config, nodeId);
    this.metadata = metadata;
    const security = this.#orRelease(() => peerSecurity(cluster.controllers));
    this.#connections = connectionsOf(options, nodeId);
    this.#controller = activeController(cluster, metadata, this.#connections, security);
    metadata.onLeaderMoved = () => this.#controller.leaderMoved();
    this.#channel = new ControllerChannel({
      setup: { ...cluster, nodeId, directoryId: directories.live[0]!.id, security },
      sink: metadata,
      member: this.#member,
      logger: options.logger,
      onFatal: options.onFatal,
      startThread: options.system?.startChannelThread,
    });
  }

  #orRelease<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (thrown) {
      this.#directories.release();
      throw thrown;
    }
  }

  /** Resolves once clients are sent to this broker. Null where it was closed before. */
  start(): Promise<Broker | null> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<Broker | null> {
    const { metadata } = this;
    const { signal } = this.#closing;
    const { logger, loaded } = this.#options;
    await Promise.race([metadata.caughtUp, aborted(signal)]);
    if (signal.aborted) return null;
    requireFeatures(metadata.image);
    const { clusterId } = metadata.image;
    this.#identity.settle(clusterId);
    const authority = new ClusterAuthority({
      view: metadata,
      member: this.#member,
      channel: this.#channel,
      controller: this.#controller,
      directories: this.#directories,
      peers: brokerPeers(this.#cluster, metadata, this.#connections),
      lagTimeMaxMs: this.#cluster.lagTimeMaxMs,
      leadersOf: (fetcher) => leaderPeers(this.#cluster, metadata, fetcher, this.#connections),
      replicaFetch: this.#cluster.replicas,
      logger,
    });
    const { cleanEpoch: previousEpoch } = this.#directories;
    const identity = { clusterId, directoryIds: this.#identity.ids, previousEpoch };
    const registration = registrationOf(loaded.settings, identity);
    this.#channel.tell({ kind: 'register', registration });
    authority.publish();
    if (!(await this.#member.reached('caught-up'))) return null;
    this.#identity.prepare(metadata.image, logger);
    try {
      this.#broker = await Broker.open(this.#options, this.#directories, authority);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
    return this.#broker;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#broker === null) this.#member.abandon();
    await Promise.allSettled([this.#starting]);
    if (this.#broker !== null) {
      await this.#broker.close();
      return;
    }
    this.#controller.close();
    await this.#channel.stop();
    this.#directories.release();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

/** How this node connects to others. Whoever asks over a connection says what goes wrong. */
type Connections = (times: ControllerTimes, security: PeerSecurity) => PeerConnections;

function connectionsOf({ logger, system }: BrokerOptions, nodeId: number): Connections {
  const onError = ({ message }: Error) => logger.warn(message);
  return (times, security) => {
    return controllerSettings(nodeId, times, onError, security, system?.openPeer);
  };
}

/** For what clients ask: heartbeats go by a connection of the channel's own. */
function activeController(
  { requestTimeoutMs, retryMs }: ClusterSettings,
  metadata: ClusterMetadata,
  connections: Connections,
  security: PeerSecurity,
): ActiveController {
  const times = { requestTimeoutMs: FORWARD_LIMIT_MS, connectTimeoutMs: requestTimeoutMs };
  return new ActiveController({
    leader: () => metadata.leaderAddress,
    connections: connections(times, security),
    retryMs,
    attemptMs: FORWARD_LIMIT_MS,
  });
}

function brokerPeers(
  { brokerListener: listener, requestTimeoutMs, brokers }: ClusterSettings,
  view: ClusterMetadata,
  connections: Connections,
): BrokerPeers {
  const times = { requestTimeoutMs: FORWARD_LIMIT_MS, connectTimeoutMs: requestTimeoutMs };
  return new BrokerPeers({
    view,
    listener,
    connections: connections(times, peerSecurity(brokers)),
  });
}

/** They know a follower by Kafka's name of it. */
function leaderPeers(
  { brokerListener: listener, replicas, brokers }: ClusterSettings,
  view: ClusterMetadata,
  fetcher: number,
  connections: Connections,
): BrokerPeers {
  const { timeoutMs, connectTimeoutMs } = replicas;
  const times = {
    requestTimeoutMs: timeoutMs,
    connectTimeoutMs: Math.min(timeoutMs, connectTimeoutMs),
  };
  const ofFollower = {
    ...connections(times, peerSecurity(brokers)),
    clientId: `broker-${view.image.nodeId}-fetcher-${fetcher}`,
    inPlaceMax: CopyRun.IN_PLACE_BYTES_MAX,
  };
  return new BrokerPeers({ view, listener, connections: ofFollower });
}
