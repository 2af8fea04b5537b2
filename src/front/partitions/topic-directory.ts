import { isDeepStrictEqual } from 'node:util';
import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { Logger } from '../../base/logger.ts';
import type { ControlCommand, TopicPlaces } from '../../exchange/control.ts';
import type { TopicMetadata } from '../../metadata/image.ts';
import type { MetadataChange } from '../../metadata/metadata-view.ts';
import type { MetadataRecord } from '../../metadata/records.ts';
import type { ReplicaReports } from '../../metadata/replica-reports.ts';
import { electionKnown, electionOf, isElection, isNewState } from './partition-election.ts';
import type { PartitionMirror } from './partition-mirror.ts';
import type { Partitions } from './partitions.ts';
import type { TopicMirror } from './topic-mirror.ts';
import { type Checkpoints, type PlacingServices, TopicPlacing } from './topic-placing.ts';
import { workerShares } from './worker-shares.ts';
import type { Workers } from './workers.ts';

const NO_CHECKPOINTS: Checkpoints = {
  logStartOffsets: new Map(),
  recoveryPoints: new Map(),
  highWatermarks: new Map(),
  wasClean: false,
};

export interface DirectoryServices extends PlacingServices {
  readonly reports: ReplicaReports;
  /**
   * The workers took these roles: after the start, for new partitions, and after each election. Not
   * called where nobody elects.
   */
  readonly onElected?: (mirrors: readonly PartitionMirror[]) => void;
  /** Removals are carried out, and nothing is made under the same names yet. */
  readonly afterRemovals?: () => Promise<void>;
  readonly partitions: Partitions;
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
  readonly #placing: TopicPlacing;
  #workers: Workers | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(services: DirectoryServices) {
    this.#services = services;
    this.#placing = new TopicPlacing(services);
  }

  /** At the start: places every topic of the image, for the workers to be told at their start. */
  placeAll(checkpoints: Checkpoints): readonly (readonly TopicPlaces[])[] {
    const { metadata, partitions, workerCount } = this.#services;
    const places: TopicPlaces[][] = Array.from({ length: workerCount }, () => []);
    for (const topic of metadata.image.topicsByName.values()) {
      const mirror = this.#placing.place(topic, []);
      partitions.add(mirror);
      if (checkpoints.wasClean) showCheckpoints(mirror, topic, checkpoints);
      const placed = mirror.held.filter(isPlaced);
      for (const { worker, mirrors } of workerShares(placed, workerCount)) {
        places[worker]!.push(this.#placing.placesOf(topic, mirror, mirrors, checkpoints));
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

  /** At the start, once the workers serve what they were started with. */
  announceRoles(): void {
    const { partitions, logger } = this.#services;
    const announced = this.#work.then(() => {
      for (const { held } of partitions.topics()) this.#tellElected(held);
    });
    this.#work = inBackground(announced, logFailure(logger, 'telling who leads'));
  }

  #tellElected(mirrors: readonly PartitionMirror[]): void {
    const served = mirrors.filter(({ offlineReason }) => offlineReason === '');
    if (served.length > 0) this.#services.onElected?.(served);
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
  async #createPartitions(
    topic: TopicMetadata,
    next: TopicMirror,
    added: readonly PartitionMirror[],
  ): Promise<void> {
    const { workerCount, logger } = this.#services;
    for (const { worker, mirrors } of workerShares(added.filter(isPlaced), workerCount)) {
      const places = this.#placing.placesOf(topic, next, mirrors, NO_CHECKPOINTS);
      const refused = await this.#ask(worker, { kind: 'create', topic: places });
      if (refused === null) continue;
      logger.error(`topic ${topic.name}: its directories cannot be made: ${refused}`);
      for (const mirror of mirrors) mirror.offlineReason = refused;
    }
  }

  /** A new topic, more partitions, other replicas or leaders, or another configuration. */
  async #update(topic: TopicMetadata): Promise<void> {
    const { partitions, workerCount } = this.#services;
    const old = partitions.topicById(topic.id);
    const known = new Map(old?.held.map((mirror) => [mirror, electionKnown(mirror)] as const));
    const next = this.#placing.place(topic, old?.partitions ?? []);
    const now = new Set(next.held);
    const added = next.held.filter((mirror) => !known.has(mirror));
    const kept = next.held.filter((mirror) => known.has(mirror));
    const gone = [...known.keys()].filter((mirror) => !now.has(mirror));
    if (added.length > 0) await this.#createPartitions(topic, next, added);
    partitions.add(next);
    partitions.drop(gone);
    this.#tellElected(added);
    await this.#removeFromDisk(gone);
    const moved = kept.filter((mirror) => isNewState(known.get(mirror)!, mirror));
    const elected = moved.filter((mirror) => isElection(known.get(mirror)!, mirror));
    await this.#elect(topic, moved, elected);
    // Elections are many, and those of a large topic must not wait for what has not changed.
    if (isDeepStrictEqual(old?.config, next.config) && !this.failures.has(topic.name)) return;
    for (const { worker, slots } of workerShares(kept, workerCount)) {
      const command = { kind: 'configure', slots, settings: next.config } as const;
      const refused = await this.#ask(worker, command);
      if (refused !== null) throw new Error(`its configuration is not taken: ${refused}`);
    }
  }

  /** Tells the workers who leads these partitions now, and which replicas they have. */
  async #elect(
    topic: TopicMetadata,
    moved: readonly PartitionMirror[],
    elected: readonly PartitionMirror[],
  ): Promise<void> {
    const { partitions, workerCount, isElected } = this.#services;
    if (isElected !== true || moved.length === 0) return;
    partitions.leadersMoved(elected);
    const asked = workerShares(moved, workerCount).map(({ worker, mirrors }) => {
      const elections = mirrors.map((mirror) => electionOf(mirror, topic));
      return this.#ask(worker, { kind: 'elect', elections });
    });
    const refused = (await Promise.all(asked)).find((reason) => reason !== null);
    if (refused !== undefined) throw new Error(`its leaders are not taken: ${refused}`);
    this.#tellElected(elected);
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

  async #removeFromDisk(removed: readonly PartitionMirror[]): Promise<void> {
    const { workerCount, directories } = this.#services;
    for (const { worker, mirrors, slots } of workerShares(removed, workerCount)) {
      const refused = await this.#ask(worker, { kind: 'remove', slots });
      if (refused !== null) throw new Error(`it is removed but still on disk: ${refused}`);
      for (const { topic, index } of mirrors) directories.remove(`${topic}-${index}`);
    }
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

/** Its log directory is not lost. */
function isPlaced({ directory }: PartitionMirror): boolean {
  return directory !== '';
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

/**
 * After a clean stop the checkpoints hold all that clients may ask about a log that nobody reads.
 * Where others have replicas, only its worker says how far it may be read.
 */
function showCheckpoints(
  { held }: TopicMirror,
  { name, partitions }: TopicMetadata,
  checkpoints: Checkpoints,
): void {
  for (const mirror of held) {
    const partition = `${name}-${mirror.index}`;
    const end = checkpoints.recoveryPoints.get(partition);
    if (end === undefined || partitions[mirror.index]!.replicas.length > 1) continue;
    mirror.takeCheckpoint(checkpoints.logStartOffsets.get(partition) ?? 0, end);
  }
}
