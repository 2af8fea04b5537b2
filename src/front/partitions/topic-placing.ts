import { dirname, sep } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { TopicPlaces } from '../../exchange/control.ts';
import { resolveTopicConfig } from '../../metadata/config/topic-config.ts';
import type { PartitionMetadata, TopicMetadata } from '../../metadata/image.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { LogDirectories } from './log-directories.ts';
import { assignmentOf, roleAt } from './partition-election.ts';
import { PartitionMirror } from './partition-mirror.ts';
import type { TopicMirror } from './topic-mirror.ts';

/** Slots travel as signed words of 32 bits. */
const SLOT_MAX = 2 ** 31 - 1;
const UNKNOWN_START = Number.POSITIVE_INFINITY;
const IS_LOST = 'it may lie in a log directory that is lost';

/** Offsets from the last run, by `topic-partition`. */
export interface Checkpoints {
  readonly logStartOffsets: ReadonlyMap<string, number>;
  readonly recoveryPoints: ReadonlyMap<string, number>;
  readonly highWatermarks: ReadonlyMap<string, number>;
  /** The last stop was clean, so each recovery point is the end of its log. */
  readonly wasClean: boolean;
}

export interface PlacingServices {
  readonly metadata: MetadataView;
  /** Elections say what this node leads. Otherwise it leads all that it holds. */
  readonly isElected?: boolean;
  readonly directories: Pick<LogDirectories, 'place' | 'remove'>;
  readonly workerCount: number;
}

/** Gives each partition that this node holds a slot and a worker. */
export class TopicPlacing {
  readonly #services: PlacingServices;
  #nextSlot = 0;

  constructor(services: PlacingServices) {
    this.#services = services;
  }

  /** Mirrors the partitions that have a replica on this node. Existing mirrors are kept. */
  place(topic: TopicMetadata, existing: TopicMirror['partitions']): TopicMirror {
    const { metadata } = this.#services;
    const { nodeId } = metadata.image;
    const config = resolveTopicConfig(topic.configs, metadata.config);
    const partitions = topic.partitions.map((partition) => {
      if (!partition.replicas.includes(nodeId)) return null;
      return existing[partition.index] ?? this.#placePartition(topic, partition);
    });
    const held = partitions.filter((mirror) => mirror !== null);
    const isElected = this.#services.isElected === true;
    for (const mirror of held) show(mirror, topic.partitions[mirror.index]!, nodeId, isElected);
    const { name, id, internal } = topic;
    return { name, id, internal, config, partitions, held };
  }

  /** What a worker is told of partitions that are new to it. */
  placesOf(
    { name, id, partitions }: TopicMetadata,
    { config: settings }: TopicMirror,
    mirrors: readonly PartitionMirror[],
    checkpoints: Checkpoints,
  ): TopicPlaces {
    const isElected = this.#services.isElected === true;
    const places = mirrors.map((mirror) => {
      const { slot, index, directory, leaderEpoch } = mirror;
      return {
        slot,
        index,
        logDir: dirname(directory),
        leaderEpoch,
        logStartOffset: checkpoints.logStartOffsets.get(`${name}-${index}`) ?? 0,
        recoveryPoint: checkpoints.recoveryPoints.get(`${name}-${index}`) ?? 0,
        highWatermark: checkpoints.highWatermarks.get(`${name}-${index}`) ?? 0,
        ...(isElected ? { role: roleAt(mirror), ...assignmentOf(partitions[index]!) } : {}),
      };
    });
    return { name, id, settings, partitions: places };
  }

  #placePartition(topic: TopicMetadata, partition: PartitionMetadata): PartitionMirror {
    const { directories, metadata, workerCount } = this.#services;
    const name = `${topic.name}-${partition.index}`;
    const replica = partition.replicas.indexOf(metadata.image.nodeId);
    const logDir = directories.place(name, partition.details?.directories[replica]);
    const mirror = new PartitionMirror(
      this.#newSlot(),
      workerOf(topic.id, partition.index, workerCount),
      topic.name,
      topic.id,
      partition.index,
      logDir === null ? '' : `${logDir}${sep}${name}`,
      partition.leaderEpoch,
    );
    if (logDir === null) mirror.offlineReason = IS_LOST;
    return mirror;
  }

  /**
   * A slot is never given to another partition: batches in the helper pool, syncs on their way and
   * checkpoints may name it long after its topic is gone.
   */
  #newSlot(): number {
    assert(this.#nextSlot <= SLOT_MAX, 'more partitions were made than there are slots');
    return this.#nextSlot++;
  }
}

function show(
  mirror: PartitionMirror,
  { leader, leaderEpoch, partitionEpoch, replicas }: PartitionMetadata,
  nodeId: number,
  isElected: boolean,
): void {
  const isShared = isElected && replicas.length > 1;
  // Its worker says where the epoch starts once it leads.
  const isElection = mirror.leaderEpoch !== leaderEpoch || mirror.leaderId !== leader;
  if (isElection) mirror.epochStart = isShared && leader === nodeId ? UNKNOWN_START : 0;
  mirror.isLeader = leader === nodeId;
  mirror.isShared = isShared;
  mirror.leaderId = leader;
  mirror.leaderEpoch = leaderEpoch;
  mirror.partitionEpoch = partitionEpoch;
}

/** A partition stays with its worker as long as the number of workers does. */
function workerOf(topicId: string, index: number, workerCount: number): number {
  let hash = 0;
  for (let i = 0; i < topicId.length; i++) hash = (hash * 31 + topicId.charCodeAt(i)) | 0;
  return ((hash >>> 0) + index) % workerCount;
}
