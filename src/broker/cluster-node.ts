import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../base/assert.ts';
import { MillraceError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ClusterMetadata } from '../cluster/cluster-metadata.ts';
import { ControllerChannel } from '../cluster/controller-channel.ts';
import type { ClusterImage } from '../cluster/image/cluster-image.ts';
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
import type { DataDirectory } from '../log/data-directory.ts';
import {
  type MetaProperties,
  readMetaProperties,
  writeMetaProperties,
} from '../log/meta-properties.ts';
import { setStraysAside } from '../log/stray-partitions.ts';
import type { ClusterSettings } from '../metadata/config/cluster-settings.ts';
import { METADATA_DIRECTORY } from '../metadata/metadata-paths.ts';
import { randomUuid } from '../metadata/uuid.ts';
import { Broker, type BrokerOptions } from './broker.ts';
import { ClusterAuthority, FORWARD_LIMIT_MS } from './cluster-authority.ts';
import { registrationOf, requireFeatures } from './cluster-registration.ts';
import { openDataDirectory } from './open-data-directory.ts';
import { peerSecurity } from './peer-security.ts';

/** A broker of a cluster that Kafka's controllers decide about. */
export class ClusterNode {
  readonly metadata: ClusterMetadata;
  readonly #options: BrokerOptions;
  readonly #cluster: ClusterSettings;
  readonly #dataDirectory: DataDirectory;
  readonly #member = new ClusterMember();
  readonly #channel: ControllerChannel;
  readonly #controller: ActiveController;
  readonly #connections: Connections;
  /** Null in a directory that belongs to no cluster yet. */
  readonly #known: MetaProperties | null;
  readonly #directoryId: string;
  readonly #closing = new AbortController();
  #broker: Broker | null = null;
  #starting: Promise<Broker | null> = Promise.resolve(null);

  /** Locks the data directory and starts to follow the controllers. */
  constructor(options: BrokerOptions) {
    const { settings, config } = options.loaded;
    const { cluster, nodeId } = settings;
    assert(cluster !== null, 'a broker of a cluster is told where the controllers are');
    this.#options = options;
    this.#cluster = cluster;
    this.#dataDirectory = openDataDirectory(options);
    this.#known = this.#orRelease(() => knownIdentity(this.#dataDirectory.path, nodeId));
    this.#directoryId = this.#known?.directoryId ?? randomUuid();
    const metadata = new ClusterMetadata(config, nodeId);
    this.metadata = metadata;
    const security = this.#orRelease(() => peerSecurity(cluster.controllers));
    this.#connections = connectionsOf(options, nodeId);
    this.#controller = activeController(cluster, metadata, this.#connections, security);
    metadata.onLeaderMoved = () => this.#controller.leaderMoved();
    this.#channel = new ControllerChannel({
      setup: { ...cluster, nodeId, directoryId: this.#directoryId, security },
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
      this.#dataDirectory.release();
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
    const clusterId = this.#settleIdentity(metadata.image);
    const authority = new ClusterAuthority({
      view: metadata,
      member: this.#member,
      channel: this.#channel,
      controller: this.#controller,
      peers: brokerPeers(this.#cluster, metadata, this.#connections),
      lagTimeMaxMs: this.#cluster.lagTimeMaxMs,
      leadersOf: (fetcher) => leaderPeers(this.#cluster, metadata, fetcher, this.#connections),
      replicaFetch: this.#cluster.replicas,
      logger,
    });
    const { cleanEpoch: previousEpoch } = this.#dataDirectory.checkpoints;
    const identity = { clusterId, directoryId: this.#directoryId, previousEpoch };
    const registration = registrationOf(loaded.settings, identity);
    this.#channel.tell({ kind: 'register', registration });
    authority.publish();
    if (!(await this.#member.reached('caught-up'))) return null;
    prepareDirectory(this.#dataDirectory, metadata.image, logger);
    try {
      this.#broker = await Broker.open(this.#options, this.#dataDirectory, authority);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
    return this.#broker;
  }

  /** The directory belongs to the cluster from now on. Returns the cluster's id. */
  #settleIdentity({ clusterId, nodeId }: ClusterImage): string {
    const { path } = this.#dataDirectory;
    if (this.#known === null) {
      writeMetaProperties(path, { clusterId, nodeId, directoryId: this.#directoryId });
    } else if (this.#known.clusterId !== clusterId) {
      const whose = `cluster ${this.#known.clusterId}, and the controllers are of ${clusterId}`;
      throw new MillraceError('MILLRACE_DATA_DIR', `${path} belongs to ${whose}`);
    }
    return clusterId;
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
    this.#dataDirectory.release();
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

function knownIdentity(path: string, nodeId: number): MetaProperties | null {
  const known = readMetaProperties(path);
  if (known !== null && known.nodeId !== nodeId) {
    const message = `${path} belongs to node ${known.nodeId}, but node.id is ${nodeId}`;
    throw new MillraceError(
      'MILLRACE_DATA_DIR',
      `${message}: set it back or use another directory`,
    );
  }
  if (known === null && existsSync(join(path, METADATA_DIRECTORY))) {
    const message = `${path} belongs to a broker that decides alone`;
    throw new MillraceError('MILLRACE_DATA_DIR', `${message}: use another directory`);
  }
  return known;
}

/** What was deleted or given to others while this broker was down is neither read nor lost. */
function prepareDirectory(directory: DataDirectory, image: ClusterImage, logger: Logger): void {
  const held = new Map<string, string>();
  for (const { name, id, partitions } of image.topicsByName.values()) {
    for (const { index, replicas } of partitions) {
      if (replicas.includes(image.nodeId)) held.set(`${name}-${index}`, id);
    }
  }
  const strays = setStraysAside(directory.path, (name) => held.get(name) ?? null);
  for (const name of strays) {
    logger.warn(`${name} is not of a partition that this broker holds: it is set aside`);
    directory.forgetCheckpoint(name);
  }
  directory.requirePartitions(held.keys());
}
