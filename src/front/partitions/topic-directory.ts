import { sep } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import type { TopicPlaces } from '../../exchange/control.ts';
import { resolveTopicConfig } from '../../metadata/config/topic-config.ts';
import type { PartitionMetadata, TopicMetadata } from '../../metadata/image.ts';
import type { MetadataChange, MetadataView } from '../../metadata/metadata-view.ts';
import type { ReplicaReports } from '../../metadata/replica-reports.ts';
import { PartitionMirror } from './partition-mirror.ts';
import type { Partitions } from './partitions.ts';
import type { TopicMirror } from './topic-mirror.ts';
import { workerShares } from './worker-shares.ts';
import type { Workers } from './workers.ts';

/** Where the logs of the last run stood, by `topic-partition`. */
export interface Checkpoints {
  readonly logStartOffsets: ReadonlyMap<string, number>;
  readonly recoveryPoints: ReadonlyMap<string, number>;
  /** The stop was clean: a recovery point is the very end of its log. */
  readonly wasClean: boolean;
}

const NO_CHECKPOINTS: Checkpoints = {
  logStartOffsets: new Map(),
  recoveryPoints: new Map(),
  wasClean: false,
};

export interface DirectoryServices {
  readonly metadata: MetadataView;
  readonly reports: ReplicaReports;
  readonly partitions: Partitions;
  readonly dataDirectory: string;
  readonly workerCount: number;
  readonly logger: Logger;
}

/**
 * Makes true what the metadata says: gives each partition a slot and a worker, has directories made
 * and removed, and hands new configurations on. `settled` resolves when the workers have followed.
 */
export class TopicDirectory {
  readonly #services: DirectoryServices;
  readonly #freeSlots: number[] = [];
  #nextSlot = 0;
  #workers: Workers | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(services: DirectoryServices) {
    this.#services = services;
  }

  /** At the start: places every topic of the image, for the workers to be told at their start. */
  placeAll(checkpoints: Checkpoints): readonly (readonly TopicPlaces[])[] {
    const { metadata, partitions, workerCount } = this.#services;
    const places: TopicPlaces[][] = Array.from({ length: workerCount }, () => []);
    for (const topic of metadata.image.topicsByName.values()) {
      const mirror = this.#place(topic, []);
      partitions.add(mirror);
      if (checkpoints.wasClean) showCheckpoints(mirror, checkpoints);
      for (const { worker, mirrors } of workerShares(mirror.partitions, workerCount)) {
        places[worker]!.push(placesOf(mirror, mirrors, checkpoints));
      }
    }
    return places;
  }

  /** From now on the directory follows the metadata. */
  follow(workers: Workers): void {
    const { metadata } = this.#services;
    this.#workers = workers;
    metadata.onChange((change) => this.#apply(change));
  }

  /** After recoveries: the metadata learns of the epochs that logs had to take. */
  async raiseEpochs(): Promise<void> {
    const { metadata, reports, partitions } = this.#services;
    for (const topic of partitions.topics()) {
      const { partitions: known } = metadata.image.topicsById.get(topic.id)!;
      const raised = topic.partitions.filter((mirror) => {
        return mirror.leaderEpoch > known[mirror.index]!.leaderEpoch;
      });
      if (raised.length === 0) continue;
      await reports.bumpLeaderEpochs(
        topic.id,
        raised.map((mirror) => mirror.index),
      );
    }
  }

  /** Everything that the metadata says now is so. */
  settled(): Promise<void> {
    return this.#work;
  }

  #place(topic: TopicMetadata, existing: readonly PartitionMirror[]): TopicMirror {
    const config = resolveTopicConfig(topic.configs, this.#services.metadata.config);
    const partitions = topic.partitions.map((partition) => {
      return existing[partition.index] ?? this.#placePartition(topic, partition);
    });
    const { name, id, internal } = topic;
    return { name, id, internal, config, partitions };
  }

  #placePartition(topic: TopicMetadata, partition: PartitionMetadata): PartitionMirror {
    const { dataDirectory, workerCount } = this.#services;
    return new PartitionMirror(
      this.#freeSlots.pop() ?? this.#nextSlot++,
      workerOf(topic.id, partition.index, workerCount),
      topic.name,
      topic.id,
      partition.index,
      `${dataDirectory}${sep}${topic.name}-${partition.index}`,
      partition.leaderEpoch,
    );
  }

  /** One change after the other: what is removed may still be on its way to be created. */
  #apply(change: MetadataChange): void {
    this.#work = this.#work.then(() => this.#follow(change));
  }

  async #follow({ before, after }: MetadataChange): Promise<void> {
    const configsMoved = before.brokerConfigs !== after.brokerConfigs;
    const steps: Promise<void>[] = [];
    for (const topic of before.topicsByName.values()) {
      if (after.topicsById.get(topic.id) === undefined) steps.push(this.#remove(topic));
    }
    for (const topic of after.topicsByName.values()) {
      const old = before.topicsById.get(topic.id);
      if (old === topic && !configsMoved) continue;
      steps.push(old === undefined ? this.#create(topic) : this.#update(topic));
    }
    await Promise.all(steps);
  }

  async #create(topic: TopicMetadata): Promise<void> {
    const mirror = this.#place(topic, []);
    await this.#createPartitions(mirror, mirror.partitions);
    this.#services.partitions.add(mirror);
  }

  async #createPartitions(topic: TopicMirror, added: readonly PartitionMirror[]): Promise<void> {
    const { workerCount, logger } = this.#services;
    for (const { worker, mirrors } of workerShares(added, workerCount)) {
      const places = placesOf(topic, mirrors, NO_CHECKPOINTS);
      const answer = await this.#workers!.control(worker, { kind: 'create', topic: places });
      if (answer.error === 0) continue;
      const reason = answer.reason ?? `error ${answer.error}`;
      logger.error(`topic ${topic.name}: its directories cannot be made: ${reason}`);
      for (const mirror of mirrors) mirror.offlineReason = reason;
    }
  }

  /** More partitions, or another configuration. */
  async #update(topic: TopicMetadata): Promise<void> {
    const { partitions, workerCount } = this.#services;
    const old = partitions.topicById(topic.id);
    if (old === undefined) return;
    const next = this.#place(topic, old.partitions);
    const added = next.partitions.slice(old.partitions.length);
    if (added.length > 0) await this.#createPartitions(next, added);
    partitions.add(next);
    for (const partition of topic.partitions) {
      next.partitions[partition.index]!.leaderEpoch = partition.leaderEpoch;
    }
    for (const { worker, slots } of workerShares(next.partitions, workerCount)) {
      await this.#workers!.control(worker, { kind: 'configure', slots, settings: next.config });
    }
  }

  async #remove(topic: TopicMetadata): Promise<void> {
    const { partitions, reports, workerCount, logger } = this.#services;
    const mirror = partitions.topicById(topic.id);
    if (mirror === undefined) return;
    partitions.remove(mirror);
    for (const { worker, slots } of workerShares(mirror.partitions, workerCount)) {
      const answer = await this.#workers!.control(worker, { kind: 'remove', slots });
      if (answer.error !== 0) {
        logger.error(`topic ${topic.name} is deleted but still on disk: ${answer.reason}`);
        return;
      }
      this.#freeSlots.push(...slots);
    }
    // Not awaited: the commit that it needs may be the one that waits for this step.
    reports.forgetDeletedTopic(topic.id).catch((thrown: Error) => logger.error(thrown.message));
  }
}

/** A partition stays with its worker as long as the number of workers does. */
export function workerOf(topicId: string, index: number, workerCount: number): number {
  let hash = 0;
  for (let i = 0; i < topicId.length; i++) hash = (hash * 31 + topicId.charCodeAt(i)) | 0;
  return ((hash >>> 0) + index) % workerCount;
}

function placesOf(
  topic: TopicMirror,
  partitions: readonly PartitionMirror[],
  checkpoints: Checkpoints,
): TopicPlaces {
  return {
    name: topic.name,
    id: topic.id,
    settings: topic.config,
    partitions: partitions.map(({ slot, index, leaderEpoch }) => ({
      slot,
      index,
      leaderEpoch,
      logStartOffset: checkpoints.logStartOffsets.get(`${topic.name}-${index}`) ?? 0,
      recoveryPoint: checkpoints.recoveryPoints.get(`${topic.name}-${index}`) ?? 0,
    })),
  };
}

/** After a clean stop the checkpoints say all that a client may ask of a log nobody reads. */
function showCheckpoints(topic: TopicMirror, checkpoints: Checkpoints): void {
  for (const mirror of topic.partitions) {
    const name = `${topic.name}-${mirror.index}`;
    const end = checkpoints.recoveryPoints.get(name);
    if (end === undefined) continue;
    mirror.known = true;
    mirror.logStartOffset = checkpoints.logStartOffsets.get(name) ?? 0;
    mirror.logEndOffset = end;
    mirror.highWatermark = end;
  }
}
