import type { ConfigTexts } from '../../metadata/config/broker-config.ts';
import { changedTexts } from '../../metadata/config-texts.ts';
import type { PartitionMetadata, TopicMetadata } from '../../metadata/image.ts';
import type { TextChange } from '../../metadata/records.ts';
import type { ShardedMap } from '../../metadata/sharded-map.ts';
import { collisionForm, isInternalTopic } from '../../metadata/topic-name.ts';
import type {
  ClearElrRecord,
  PartitionChangeRecord,
  PartitionRecord,
} from '../../protocol/schema/records-metadata-topics.ts';
import type { ClusterImage } from './cluster-image.ts';
import { corrupt } from './corrupt.ts';
import { changedPartition, createdPartition, withoutElr } from './partition-state.ts';

/** A topic whose partitions are being changed. It is made immutable once the draft is finished. */
interface OpenTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: PartitionMetadata[];
  configs: ConfigTexts;
}

/** The topics of a new image. The base image is not changed. */
export class TopicsDraft {
  #byName: ShardedMap<TopicMetadata>;
  #byId: ShardedMap<TopicMetadata>;
  #byCollisionForm: ShardedMap<string>;
  #partitionCount: number;
  #isOwned = false;
  readonly #open = new Map<string, OpenTopic>();
  /** Of the open topics, by name: a deleted topic may come back under another id. */
  readonly #openNames = new Map<string, OpenTopic>();
  /** Ids of topics that are other than in the base image, or gone. */
  readonly touched = new Set<string>();

  constructor(base: ClusterImage) {
    this.#byName = base.topicsByName as ShardedMap<TopicMetadata>;
    this.#byId = base.topicsById as ShardedMap<TopicMetadata>;
    this.#byCollisionForm = base.namesByCollisionForm as ShardedMap<string>;
    this.#partitionCount = base.partitionCount;
  }

  create(name: string, id: string, configs: ConfigTexts): void {
    if (this.#find(id) !== undefined) throw corrupt(`two topics with the id ${id}`);
    if (this.#idOf(name) !== undefined) throw corrupt(`two topics named ${name}`);
    this.#hold({ name, id, partitions: [], configs });
  }

  addPartition(record: PartitionRecord): void {
    const { partitions } = this.#writable(record.topicId);
    if (partitions[record.partitionId] === undefined) this.#partitionCount++;
    partitions[record.partitionId] = createdPartition(record);
  }

  changePartition(record: PartitionChangeRecord): void {
    const { name, partitions } = this.#writable(record.topicId);
    const before = partitions[record.partitionId];
    if (before === undefined) throw corrupt(`a change of ${name}-${record.partitionId}, unknown`);
    partitions[record.partitionId] = changedPartition(before, record);
  }

  remove(id: string): void {
    const topic = this.#find(id);
    if (topic === undefined) throw corrupt(`the removal of topic ${id}, which does not exist`);
    this.#own();
    this.#open.delete(id);
    this.#openNames.delete(topic.name);
    this.#byId.delete(id);
    this.#byName.delete(topic.name);
    this.#byCollisionForm.delete(collisionForm(topic.name));
    this.#partitionCount -= topic.partitions.length;
    this.touched.add(id);
  }

  /** False where there is no such topic. */
  configure(name: string, changes: readonly TextChange[]): boolean {
    const id = this.#idOf(name);
    if (id === undefined) return false;
    const topic = this.#writable(id);
    topic.configs = changedTexts(topic.configs, changes);
    return true;
  }

  /** An empty name means every topic. */
  clearElr({ topicName }: ClearElrRecord): void {
    if (topicName !== '') {
      const id = this.#idOf(topicName);
      if (id === undefined) throw corrupt(`the end of the ELR of ${topicName}, which is unknown`);
      this.#clearElrOf(id);
      return;
    }
    for (const id of new Set([...this.#byId.keys(), ...this.#open.keys()])) this.#clearElrOf(id);
  }

  #clearElrOf(id: string): void {
    const { partitions } = this.#find(id)!;
    const cleared = partitions.map(withoutElr);
    if (cleared.every((partition, index) => partition === partitions[index])) return;
    const topic = this.#writable(id);
    for (const [index, partition] of cleared.entries()) topic.partitions[index] = partition;
  }

  /** What the next image has of topics. The draft must not be used any more. */
  finish() {
    for (const { name, id, partitions, configs } of this.#open.values()) {
      for (let index = 0; index < partitions.length; index++) {
        if (partitions[index] === undefined) throw corrupt(`${name} without partition ${index}`);
      }
      const topic = { name, id, internal: isInternalTopic(name), partitions, configs };
      this.#byId.set(id, topic);
      this.#byName.set(name, topic);
      this.#byCollisionForm.set(collisionForm(name), name);
    }
    return {
      topicsByName: this.#byName,
      topicsById: this.#byId,
      namesByCollisionForm: this.#byCollisionForm,
      partitionCount: this.#partitionCount,
    };
  }

  #idOf(name: string): string | undefined {
    return (this.#openNames.get(name) ?? this.#byName.get(name))?.id;
  }

  #find(id: string): OpenTopic | TopicMetadata | undefined {
    return this.#open.get(id) ?? this.#byId.get(id);
  }

  #writable(id: string): OpenTopic {
    const open = this.#open.get(id);
    if (open !== undefined) return open;
    const topic = this.#byId.get(id);
    if (topic === undefined) throw corrupt(`a record of topic ${id}, which does not exist`);
    const { name, partitions, configs } = topic;
    return this.#hold({ name, id, partitions: partitions.slice(), configs });
  }

  #hold(topic: OpenTopic): OpenTopic {
    this.#own();
    this.#open.set(topic.id, topic);
    this.#openNames.set(topic.name, topic);
    this.touched.add(topic.id);
    return topic;
  }

  #own(): void {
    if (this.#isOwned) return;
    this.#isOwned = true;
    this.#byName = this.#byName.copy();
    this.#byId = this.#byId.copy();
    this.#byCollisionForm = this.#byCollisionForm.copy();
  }
}
