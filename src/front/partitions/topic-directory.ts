import { sep } from 'node:path';
import { assert } from '../../base/assert.ts';
import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { Logger } from '../../base/logger.ts';
import type { ControlCommand, TopicPlaces } from '../../exchange/control.ts';
import { resolveTopicConfig } from '../../metadata/config/topic-config.ts';
import type { PartitionMetadata, TopicMetadata } from '../../metadata/image.ts';
import type { MetadataChange, MetadataView } from '../../metadata/metadata-view.ts';
import type { MetadataRecord } from '../../metadata/records.ts';
import type { ReplicaReports } from '../../metadata/replica-reports.ts';
import { PartitionMirror } from './partition-mirror.ts';
import type { Partitions } from './partitions.ts';
import type { TopicMirror } from './topic-mirror.ts';
import { workerShares } from './worker-shares.ts';
import type { Workers } from './workers.ts';

/** Slots travel as signed words of 32 bits. */
const SLOT_MAX = 2 ** 31 - 1;

const LEADER = 'leader' as const;
const FOLLOWER = 'follower' as const;
const SHARED = 'this version leads no partition that other brokers have replicas in sync of';

/** Offsets from the last run, by `topic-partition`. */
export interface Checkpoints {
  readonly logStartOffsets: ReadonlyMap<string, number>;
  readonly recoveryPoints: ReadonlyMap<string, number>;
  readonly highWatermarks: ReadonlyMap<string, number>;
  /** The last stop was clean, so each recovery point is the end of its log. */
  readonly wasClean: boolean;
}

const NO_CHECKPOINTS: Checkpoints = {
  logStartOffsets: new Map(),
  recoveryPoints: new Map(),
  highWatermarks: new Map(),
  wasClean: false,
};

export interface DirectoryServices {
  readonly metadata: MetadataView;
  readonly reports: ReplicaReports;
  /** Elections say what this node leads. Otherwise it leads all that it holds. */
  readonly isElected?: boolean;
  /** `topic-partition` of replicas that this node no longer holds, while the topic goes on. */
  readonly onDropped?: (names: readonly string[]) => void;
  /** Removals are carried out, and nothing is made under the same names yet. */
  readonly afterRemovals?: () => Promise<void>;
  readonly partitions: Partitions;
  readonly dataDirectory: string;
  readonly workerCount: number;
  readonly logger: Logger;
}

/**
 * Makes the workers follow the metadata. It gives each partition a slot and a worker, has
 * directories made and removed, and passes new configurations on. `settled` resolves when the
 * workers are done.
 */
export class TopicDirectory {
  readonly #services: DirectoryServices;
  /** Why the partitions of a topic, by name, are not as the metadata says. */
  readonly failures = new Map<string, string>();
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
      for (const { worker, mirrors } of workerShares(mirror.held, workerCount)) {
        places[worker]!.push(this.#placesOf(mirror, mirrors, checkpoints));
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

  /** After recoveries: tells the metadata the epochs that logs had to take. */
  async raiseEpochs(): Promise<void> {
    const { metadata, reports, partitions } = this.#services;
    for (const topic of partitions.topics()) {
      const { partitions: known } = metadata.image.topicsById.get(topic.id)!;
      const raised = topic.held.filter((mirror) => {
        return mirror.leaderEpoch > known[mirror.index]!.leaderEpoch;
      });
      if (raised.length === 0) continue;
      await reports.bumpLeaderEpochs(
        topic.id,
        raised.map((mirror) => mirror.index),
      );
    }
  }

  /** Resolves when the workers have carried out what the metadata says now. */
  settled(): Promise<void> {
    return this.#work;
  }

  /** Mirrors the partitions that have a replica on this node. Existing mirrors are kept. */
  #place(topic: TopicMetadata, existing: TopicMirror['partitions']): TopicMirror {
    const { metadata, logger } = this.#services;
    const { nodeId } = metadata.image;
    const config = resolveTopicConfig(topic.configs, metadata.config);
    const partitions = topic.partitions.map((partition) => {
      if (!partition.replicas.includes(nodeId)) return null;
      return existing[partition.index] ?? this.#placePartition(topic, partition);
    });
    const held = partitions.filter((mirror) => mirror !== null);
    for (const mirror of held) {
      const partition = topic.partitions[mirror.index]!;
      mirror.isLeader = partition.leader === nodeId;
      mirror.leaderEpoch = partition.leaderEpoch;
      if (this.#services.isElected === true) refuseReplicas(mirror, partition, logger);
    }
    const { name, id, internal } = topic;
    return { name, id, internal, config, partitions, held };
  }

  #placePartition(topic: TopicMetadata, partition: PartitionMetadata): PartitionMirror {
    const { dataDirectory, workerCount } = this.#services;
    return new PartitionMirror(
      this.#newSlot(),
      workerOf(topic.id, partition.index, workerCount),
      topic.name,
      topic.id,
      partition.index,
      `${dataDirectory}${sep}${topic.name}-${partition.index}`,
      partition.leaderEpoch,
    );
  }

  /**
   * A slot is never given to another partition: batches in the helper pool, syncs on their way and
   * checkpoints may name it long after its topic is gone.
   */
  #newSlot(): number {
    assert(this.#nextSlot <= SLOT_MAX, 'more partitions were made than there are slots');
    return this.#nextSlot++;
  }

  /**
   * Changes are carried out one after the other: a removal may concern what is still being made.
   */
  #apply(change: MetadataChange): void {
    const followed = this.#work.then(() => this.#follow(change));
    const { logger } = this.#services;
    this.#work = inBackground(followed, logFailure(logger, 'following a change of the metadata'));
  }

  /**
   * Never rejects. A rejected promise in `#work` would end the following of all later changes.
   * Removals go first: the name of a removed topic may come back in the same change.
   */
  async #follow({ before, after, records, topics }: MetadataChange): Promise<void> {
    const configsMoved = before.brokerConfigs !== after.brokerConfigs;
    const ids = configsMoved ? after.topicsById.keys() : [];
    const changed: TopicMetadata[] = [];
    const removals: Promise<void>[] = [];
    for (const id of new Set([...ids, ...(topics ?? topicsNamedBy(records))])) {
      const topic = after.topicsById.get(id);
      const old = before.topicsById.get(id);
      if (topic !== undefined) changed.push(topic);
      else if (old !== undefined) removals.push(this.#step(old, () => this.#remove(old)));
    }
    if (removals.length > 0) {
      await Promise.all(removals);
      await this.#services.afterRemovals?.();
    }
    await Promise.all(changed.map((topic) => this.#step(topic, () => this.#update(topic))));
  }

  /** A step that fails is one log line and an entry in `failures`, until a later step succeeds. */
  async #step(topic: TopicMetadata, run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.failures.delete(topic.name);
    } catch (thrown) {
      const reason = reasonOf(thrown);
      this.failures.set(topic.name, reason);
      this.#services.logger.error(`topic ${topic.name} does not follow the metadata: ${reason}`);
    }
  }

  /** Partitions that cannot be made are offline: clients are told so, and a removal finds them. */
  async #createPartitions(topic: TopicMirror, added: readonly PartitionMirror[]): Promise<void> {
    const { workerCount, logger } = this.#services;
    for (const { worker, mirrors } of workerShares(added, workerCount)) {
      const places = this.#placesOf(topic, mirrors, NO_CHECKPOINTS);
      const refused = await this.#ask(worker, { kind: 'create', topic: places });
      if (refused === null) continue;
      logger.error(`topic ${topic.name}: its directories cannot be made: ${refused}`);
      for (const mirror of mirrors) mirror.offlineReason = refused;
    }
  }

  /** A new topic, more partitions, or another configuration. */
  async #update(topic: TopicMetadata): Promise<void> {
    const { partitions, workerCount, onDropped } = this.#services;
    const old = partitions.topicById(topic.id);
    const roles = new Map(old?.held.map((mirror) => [mirror, roleOf(mirror)] as const));
    const next = this.#place(topic, old?.partitions ?? []);
    const before = new Set(old?.held);
    const now = new Set(next.held);
    const added = next.held.filter((mirror) => !before.has(mirror));
    const kept = next.held.filter((mirror) => before.has(mirror));
    const gone = [...before].filter((mirror) => !now.has(mirror));
    if (added.length > 0) await this.#createPartitions(next, added);
    partitions.add(next);
    partitions.drop(gone);
    if (gone.length > 0) onDropped?.(gone.map(({ index }) => `${topic.name}-${index}`));
    await this.#removeFromDisk(gone);
    await this.#elect(kept.filter((mirror) => roles.get(mirror) !== roleOf(mirror)));
    for (const { worker, slots } of workerShares(kept, workerCount)) {
      const command = { kind: 'configure', slots, settings: next.config } as const;
      const refused = await this.#ask(worker, command);
      if (refused !== null) throw new Error(`its configuration is not taken: ${refused}`);
    }
  }

  /** Tells the workers who leads these partitions now. */
  async #elect(mirrors: readonly PartitionMirror[]): Promise<void> {
    const { partitions, workerCount, isElected } = this.#services;
    if (isElected !== true || mirrors.length === 0) return;
    partitions.leadersMoved(mirrors);
    for (const { worker, mirrors: moved } of workerShares(mirrors, workerCount)) {
      const elections = moved.map(({ slot, leaderEpoch, isLeader }) => {
        return { slot, leaderEpoch, role: isLeader ? LEADER : FOLLOWER };
      });
      const refused = await this.#ask(worker, { kind: 'elect', elections });
      if (refused !== null) throw new Error(`its leaders are not taken: ${refused}`);
    }
  }

  async #remove(topic: TopicMetadata): Promise<void> {
    const { partitions, reports, logger } = this.#services;
    const mirror = partitions.topicById(topic.id);
    if (mirror !== undefined) {
      partitions.remove(mirror);
      await this.#removeFromDisk(mirror.held);
    }
    // It is not awaited. The commit that it needs may be the one that waits for this step.
    const forgotten = reports.forgetDeletedTopic(topic.id);
    inBackground(forgotten, logFailure(logger, `forgetting the deleted topic ${topic.name}`));
  }

  async #removeFromDisk(mirrors: Iterable<PartitionMirror>): Promise<void> {
    for (const { worker, slots } of workerShares(mirrors, this.#services.workerCount)) {
      const refused = await this.#ask(worker, { kind: 'remove', slots });
      if (refused !== null) throw new Error(`it is removed but still on disk: ${refused}`);
    }
  }

  #placesOf(
    topic: TopicMirror,
    mirrors: readonly PartitionMirror[],
    checkpoints: Checkpoints,
  ): TopicPlaces {
    const isElected = this.#services.isElected === true;
    return {
      name: topic.name,
      id: topic.id,
      settings: topic.config,
      partitions: mirrors.map(({ slot, index, leaderEpoch, isLeader }) => ({
        slot,
        index,
        leaderEpoch,
        logStartOffset: checkpoints.logStartOffsets.get(`${topic.name}-${index}`) ?? 0,
        recoveryPoint: checkpoints.recoveryPoints.get(`${topic.name}-${index}`) ?? 0,
        highWatermark: checkpoints.highWatermarks.get(`${topic.name}-${index}`) ?? 0,
        ...(isElected ? { role: isLeader ? LEADER : FOLLOWER } : {}),
      })),
    };
  }

  /** Null when the worker did what it was told, or why it did not. */
  async #ask(worker: number, command: ControlCommand): Promise<string | null> {
    try {
      const answer = await this.#workers!.control(worker, command);
      return answer.error === 0 ? null : answer.reason;
    } catch (thrown) {
      return reasonOf(thrown);
    }
  }
}

/** Topics that a change creates, alters or deletes. */
function topicsNamedBy(records: readonly MetadataRecord[]): string[] {
  return records.flatMap((record) => {
    switch (record.type) {
      case 'topic':
      case 'partitions':
      case 'partition':
      case 'topic-deleted':
      case 'topic-config':
      case 'leader-epochs':
        return [record.id];
      default:
        return [];
    }
  });
}

/** A partition stays with its worker as long as the number of workers does. */
function workerOf(topicId: string, index: number, workerCount: number): number {
  let hash = 0;
  for (let i = 0; i < topicId.length; i++) hash = (hash * 31 + topicId.charCodeAt(i)) | 0;
  return ((hash >>> 0) + index) % workerCount;
}

/** Other than before where an election was held. */
function roleOf({ isLeader, leaderEpoch }: PartitionMirror): string {
  return `${isLeader} ${leaderEpoch}`;
}

/** Replicas of other brokers are not served yet: who leads beside them must promise nothing. */
function refuseReplicas(
  mirror: PartitionMirror,
  { inSyncReplicas }: PartitionMetadata,
  logger: Logger,
): void {
  const isShared = mirror.isLeader && inSyncReplicas.length > 1;
  if (isShared && mirror.offlineReason === '') {
    mirror.offlineReason = SHARED;
    logger.warn(`${mirror.topic}-${mirror.index} is offline: ${SHARED}`);
  }
  if (!isShared && mirror.offlineReason === SHARED) mirror.offlineReason = '';
}

/**
 * After a clean stop the checkpoints hold all that clients may ask about a log that nobody reads.
 */
function showCheckpoints(topic: TopicMirror, checkpoints: Checkpoints): void {
  for (const mirror of topic.held) {
    const name = `${topic.name}-${mirror.index}`;
    const end = checkpoints.recoveryPoints.get(name);
    if (end === undefined) continue;
    mirror.takeCheckpoint(checkpoints.logStartOffsets.get(name) ?? 0, end);
  }
}
