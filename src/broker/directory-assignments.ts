import { dirname } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { inBackground } from '../base/in-background.ts';
import { logFailure } from '../base/log-failure.ts';
import { type Logger, RateLimitedLog } from '../base/logger.ts';
import type { ClusterMetadata } from '../cluster/cluster-metadata.ts';
import type { ClusterMember } from '../cluster/membership/cluster-member.ts';
import type { ActiveController } from '../cluster/quorum/active-controller.ts';
import { isElsewhere } from '../cluster/quorum/is-elsewhere.ts';
import { DirectoryRequests } from '../cluster/replicas/directory-requests.ts';
import type { PartitionMirror } from '../front/partitions/partition-mirror.ts';
import type { Partitions } from '../front/partitions/partitions.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import { ASSIGN_REPLICAS_TO_DIRS } from '../protocol/schema/73-assign-replicas-to-dirs.ts';

export interface DirectoryAssignmentsMeans {
  readonly view: ClusterMetadata;
  readonly member: Pick<ClusterMember, 'epoch'>;
  readonly controller: Pick<ActiveController, 'ask'>;
  readonly partitions: Partitions;
  readonly directories: LogDirectories;
  readonly limitMs: number;
  readonly logger: Logger;
}

/** From this metadata.version on controllers know in which directory a replica lies. */
const KNOWN_SINCE = 17;
const FAILURE_LOG_MS = 10_000;

/** Tells the controllers of replicas that lie in another directory than the metadata say. */
export class DirectoryAssignments {
  readonly #means: DirectoryAssignmentsMeans;
  readonly #requests: DirectoryRequests;

  constructor(means: DirectoryAssignmentsMeans) {
    const { view, member, controller, limitMs, logger } = means;
    const failures = new RateLimitedLog(logger, FAILURE_LOG_MS);
    this.#means = means;
    this.#requests = new DirectoryRequests({
      nodeId: view.image.nodeId,
      brokerEpoch: () => member.epoch,
      ask: (body) => {
        const question = { api: ASSIGN_REPLICAS_TO_DIRS, version: 0, body, isElsewhere };
        return controller.ask(question, limitMs);
      },
      isHeld: ({ topicId, index }) => {
        const partition = view.image.topicsById.get(topicId)?.partitions[index];
        return partition?.replicas.includes(view.image.nodeId) === true;
      },
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
      onFailure: (reason) => failures.warn('directories', reason, systemClock.monotonicMs()),
    });
  }

  get #areKnown(): boolean {
    const { features } = this.#means.view.image;
    return (features.get('metadata.version') ?? 0) >= KNOWN_SINCE;
  }

  /** Looks at these topics, once the partitions follow the metadata. */
  compare(topicIds: Iterable<string>): void {
    const { partitions, logger } = this.#means;
    if (!this.#areKnown) return;
    for (const id of topicIds) {
      for (const mirror of partitions.topicById(id)?.held ?? []) this.#compare(mirror);
    }
    inBackground(this.#requests.run(), logFailure(logger, 'telling where replicas lie'));
  }

  /** The replica is to lie in that log directory. True once the controllers know. */
  async assign({ topicId, index }: PartitionMirror, logDir: string): Promise<boolean> {
    if (!this.#areKnown) return true;
    const directoryId = this.#means.directories.at(logDir)?.id;
    if (directoryId === undefined) return false;
    const told = this.#requests.tell({ topicId, index, directoryId });
    await this.#requests.run();
    return told;
  }

  #compare(mirror: PartitionMirror): void {
    const { view, directories, logger } = this.#means;
    const { topicId, index, directory, movesTo } = mirror;
    const partition = view.image.topicsById.get(topicId)?.partitions[index];
    const replica = partition?.replicas.indexOf(view.image.nodeId) ?? -1;
    const directoryId = directories.at(movesTo || dirname(directory))?.id;
    if (partition === undefined || replica < 0 || directoryId === undefined) return;
    if (partition.details?.directories[replica] === directoryId) return;
    const told = this.#requests.tell({ topicId, index, directoryId });
    inBackground(told, logFailure(logger, 'telling where a replica lies'));
  }

  close(): void {
    this.#requests.close();
  }
}
