import { systemClock } from '../base/clock.ts';
import { MillraceError } from '../base/errors.ts';
import { inBackground } from '../base/in-background.ts';
import { logFailure } from '../base/log-failure.ts';
import type { Logger } from '../base/logger.ts';
import type { ClusterMetadata } from '../cluster/cluster-metadata.ts';
import type { ControllerChannel } from '../cluster/controller-channel.ts';
import { ClusterChanges } from '../cluster/forwarding/cluster-changes.ts';
import { ControllerForwarding } from '../cluster/forwarding/controller-forwarding.ts';
import type { ClusterMember } from '../cluster/membership/cluster-member.ts';
import type { BrokerPeers } from '../cluster/peers/broker-peers.ts';
import type { ActiveController } from '../cluster/quorum/active-controller.ts';
import { clusterHandlers, FORWARDED_APIS } from '../front/handlers/cluster.ts';
import type { ClusterReport } from '../front/metrics/cluster-report.ts';
import type { PartitionMirror } from '../front/partitions/partition-mirror.ts';
import { ReplicaThrottle } from '../front/partitions/replica-throttle.ts';
import type { TopicDirectory } from '../front/partitions/topic-directory.ts';
import { ReplicaFetching } from '../front/replicas/replica-fetching.ts';
import type { Forwarding } from '../front/requests/forwarding.ts';
import type { FrontServices } from '../front/requests/front-services.ts';
import type { ServedApi } from '../front/requests/handler.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import type { ReplicaFetchSettings } from '../metadata/config/replica-fetch-settings.ts';
import type { ReplicaReports } from '../metadata/replica-reports.ts';
import type { Authority } from './authority.ts';
import { ClusterReporting } from './cluster-reporting.ts';
import { DirectoryAssignments } from './directory-assignments.ts';
import { clusterFeatures } from './features.ts';
import { InSyncChanges } from './in-sync-changes.ts';
import { ReplicaBrokers } from './replica-brokers.ts';
import { errorOfBrokerConfig } from './settings-in-force.ts';

export interface ClusterAuthorityMeans {
  readonly view: ClusterMetadata;
  readonly member: ClusterMember;
  readonly channel: ControllerChannel;
  readonly controller: ActiveController;
  readonly directories: LogDirectories;
  readonly peers: BrokerPeers;
  /** `replica.lag.time.max.ms` */
  readonly lagTimeMaxMs: number;
  /** Over connections of their own: what waits at a leader would hold up all else. */
  readonly leadersOf: (fetcher: number) => BrokerPeers;
  readonly replicaFetch: ReplicaFetchSettings;
  readonly logger: Logger;
}

/** Kafka's brokers wait for an answer of the controllers for so long. */
export const FORWARD_LIMIT_MS = 30_000;
const CHANGE_LIMIT_MS = 5000;
/** Controllers remember no deleted topic, and nobody but they gives out epochs. */
const NOTHING_REPORTED: ReplicaReports = {
  async forgetDeletedTopic() {},
  async bumpLeaderEpochs() {},
};

/** A broker whose metadata Kafka's controllers decide about. */
export class ClusterAuthority implements Authority {
  readonly handlers = clusterHandlers;
  // What the image does not have is not finalized in this cluster.
  readonly features = clusterFeatures;
  readonly isElected = true;
  readonly reports = NOTHING_REPORTED;
  readonly view: ClusterMetadata;
  readonly changes: ClusterChanges;
  readonly forwarding: Forwarding;
  readonly peers: BrokerPeers;
  readonly leaderThrottle: ReplicaThrottle;
  readonly report: ClusterReport;
  readonly #means: ClusterAuthorityMeans;
  readonly #envelopes: ControllerForwarding;
  #directory: TopicDirectory | null = null;
  #inSync: InSyncChanges | null = null;
  #assignments: DirectoryAssignments | null = null;
  #fetching: ReplicaFetching | null = null;

  constructor(means: ClusterAuthorityMeans) {
    const { view, member, controller } = means;
    this.#means = means;
    this.view = view;
    this.peers = means.peers;
    this.leaderThrottle = new ReplicaThrottle('leader', view, systemClock);
    this.changes = new ClusterChanges({ controller, view, member, limitMs: CHANGE_LIMIT_MS });
    const envelopes = new ControllerForwarding(controller, FORWARD_LIMIT_MS);
    this.report = new ClusterReporting(
      view,
      member,
      () => this.#inSync,
      () => this.#fetching,
    );
    this.forwarding = { forward: (request) => envelopes.forward(request), errorOfBrokerConfig };
    this.#envelopes = envelopes;
    view.onChange(({ topics }) => {
      this.publish();
      this.#compare(topics);
    });
  }

  get brokerEpoch(): number {
    return this.#means.member.epoch;
  }

  attach({ workers, partitions, checkpoints }: FrontServices): void {
    const { view, member, controller, directories, lagTimeMaxMs, logger } = this.#means;
    const limitMs = CHANGE_LIMIT_MS;
    const means = { view, member, controller, partitions, directories, workers, limitMs, logger };
    this.#inSync = new InSyncChanges(means);
    this.#assignments = new DirectoryAssignments(means);
    for (const { isLost, id } of directories.all) {
      // After its id was read, and before anybody listened.
      if (isLost && id !== '') this.onDirectoryLost(id);
    }
    workers.inSyncProposals = this.#inSync;
    new ReplicaBrokers(view, lagTimeMaxMs, workers).start();
    this.#fetching = new ReplicaFetching({
      nodeId: view.image.nodeId,
      brokerEpoch: () => member.epoch,
      metadataVersion: () => view.image.features.get('metadata.version') ?? 0,
      settings: this.#means.replicaFetch,
      peersOf: this.#means.leadersOf,
      throttle: new ReplicaThrottle('follower', view, systemClock),
      workers,
      saveCheckpoints: () => checkpoints.save(),
      clock: systemClock,
      logger,
    });
  }

  onElected(mirrors: readonly PartitionMirror[]): void {
    this.#fetching?.elected(mirrors);
  }

  onDirectoryLost(directoryId: string): void {
    this.#means.channel.tell({ kind: 'directory-lost', directoryId });
  }

  async assignDirectory(mirror: PartitionMirror, logDir: string): Promise<boolean> {
    return (await this.#assignments?.assign(mirror, logDir)) ?? false;
  }

  narrow(served: readonly ServedApi[]): readonly ServedApi[] {
    return this.#envelopes.narrow(served, FORWARDED_APIS);
  }

  /**
   * Tells the controllers which offset of the metadata is in force here, once the partitions follow
   * it. They unfence a broker, and let others stop, by what it says.
   */
  publish(): void {
    const { view, channel, logger } = this.#means;
    const { offset, features } = view.image;
    const metadataVersion = features.get('metadata.version') ?? 0;
    // The directory hears of the same change, at the latest when this turn is over.
    const told = Promise.resolve()
      .then(() => this.#directory?.settled())
      .then(() => channel.tell({ kind: 'published', offset, metadataVersion }));
    inBackground(told, logFailure(logger, 'telling how far the metadata are in force'));
  }

  /** Once the partitions follow the metadata, what lies elsewhere than they say is told. */
  #compare(topicIds: Iterable<string>): void {
    const followed = this.#directory;
    if (followed === null) return;
    const told = Promise.resolve()
      .then(() => followed.settled())
      .then(() => this.#assignments?.compare(topicIds));
    inBackground(told, logFailure(this.#means.logger, 'looking where replicas lie'));
  }

  async admit(directory: TopicDirectory): Promise<void> {
    const { view, member, channel, controller } = this.#means;
    this.#directory = directory;
    await directory.settled();
    this.#assignments?.compare(view.image.topicsById.keys());
    // Who asks which versions are served must be told what the controllers serve.
    await controller.prepare();
    channel.tell({ kind: 'unfence' });
    if (!(await member.reached('unfenced'))) {
      const message = 'stopped before the controllers let clients come';
      throw new MillraceError('MILLRACE_CONNECTION', message);
    }
    // The first clients must be told of this broker, too.
    await view.until(({ brokers, nodeId }) => brokers.get(String(nodeId))?.fenced === false);
  }

  async leave(): Promise<void> {
    const { member, channel } = this.#means;
    channel.tell({ kind: 'leave' });
    await member.reached('may-stop');
    await this.#fetching?.close();
  }

  async close(): Promise<void> {
    const { channel, controller, peers } = this.#means;
    this.#inSync?.close();
    this.#assignments?.close();
    controller.close();
    peers.close();
    await channel.stop();
  }
}
