import { reasonOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { TopicMirror } from '../front/partitions/topic-mirror.ts';
import { readOffsetCheckpoint, writeOffsetCheckpoint } from '../log/checkpoints.ts';

/** What must be known of a partition. */
interface CleanedPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly index: number;
}

interface CleanedTopic {
  readonly topic: string;
  /** By partition. */
  readonly offsets: Map<number, number>;
}

/**
 * Up to which offset each log was compacted. The file is Kafka's and names topics; here they go by
 * id, because a topic that is made anew under an old name was not compacted at all. Therefore the
 * names are looked up at the start, and a deletion is written to the file at once.
 */
export class CleanedOffsets {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #byTopicId = new Map<string, CleanedTopic>();

  /** `topics` are those that exist at the start: entries of others are left out. */
  constructor(path: string, topics: Iterable<TopicMirror>, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    const stored = this.#read();
    for (const { held } of topics) {
      for (const mirror of held) {
        const offset = stored.get(nameOf(mirror.topic, mirror.index));
        if (offset !== undefined) this.#set(mirror, offset);
      }
    }
  }

  /** Without it everything counts as dirty, which costs work and loses nothing. */
  #read(): Map<string, number> {
    try {
      return readOffsetCheckpoint(this.#path);
    } catch (thrown) {
      this.#logger.warn(`${reasonOf(thrown)}: compaction begins anew`);
      return new Map();
    }
  }

  /** 0 where nothing was compacted. */
  of({ topicId, index }: CleanedPartition): number {
    return this.#byTopicId.get(topicId)?.offsets.get(index) ?? 0;
  }

  remember(partition: CleanedPartition, cleanedTo: number): void {
    this.#set(partition, cleanedTo);
    this.#save();
  }

  #set({ topic, topicId, index }: CleanedPartition, cleanedTo: number): void {
    let entry = this.#byTopicId.get(topicId);
    if (entry === undefined) {
      entry = { topic, offsets: new Map() };
      this.#byTopicId.set(topicId, entry);
    }
    entry.offsets.set(index, cleanedTo);
  }

  forgetTopic(topicId: string): void {
    if (this.#byTopicId.delete(topicId)) this.#save();
  }

  #save(): void {
    const byName = new Map<string, number>();
    for (const { topic, offsets } of this.#byTopicId.values()) {
      for (const [index, offset] of offsets) byName.set(nameOf(topic, index), offset);
    }
    try {
      writeOffsetCheckpoint(this.#path, byName);
    } catch (thrown) {
      // The log is compacted all the same; after a restart it is looked through once more.
      this.#logger.warn(`${this.#path} cannot be written: ${reasonOf(thrown)}`);
    }
  }
}

function nameOf(topic: string, index: number): string {
  return `${topic}-${index}`;
}
