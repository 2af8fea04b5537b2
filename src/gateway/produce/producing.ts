import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import type { TopicMirror } from '../../front/partitions/topic-mirror.ts';
import type { ClientRights } from '../../front/requests/client-rights.ts';
import type { Services } from '../../front/requests/front-services.ts';
import { BatchBuilder, type BatchOptions } from '../../records/batch-builder.ts';
import { partitionForKey } from '../../records/key-partitioner.ts';
import { CommandError } from '../command/command-error.ts';
import { AppendJob } from './append-job.ts';
import type { ProducedRecord } from './produced-record.ts';

type Needed = Services<
  'clock' | 'logger' | 'settings' | 'partitions' | 'workers' | 'recompression' | 'producerIds'
>;

/**
 * The golden ratio. Steps of this length around a circle spread evenly, even if only every n-th
 * step is looked at.
 */
const STEP = (Math.sqrt(5) - 1) / 2;

export interface ProduceRequest {
  readonly topic: TopicMirror;
  readonly acks: number;
  /** -1 if each record's own partition or key decides. */
  readonly partition: number;
  readonly records: readonly ProducedRecord[];
  readonly idempotence: BatchOptions;
}

/** Appends the records that clients of the gateway produce. */
export class Producing {
  readonly front: Needed;
  readonly #builder = new BatchBuilder();
  #angle = 0;

  constructor(front: Needed) {
    this.front = front;
  }

  async newProducerId(): Promise<number> {
    try {
      return await this.front.producerIds.next();
    } catch (thrown) {
      throw new CommandError('unavailable', (thrown as Error).message);
    }
  }

  /** Finds the topic. Throws if it does not exist or takes no records from clients. */
  topic(name: string, field: string, rights: ClientRights): TopicMirror {
    const topic = this.front.partitions.topicByName(name);
    if (topic === undefined || !rights.allows('DESCRIBE', 'TOPIC', name)) {
      throw new CommandError('unknown_topic', `there is no topic ${name}`, field);
    }
    if (!rights.allows('WRITE', 'TOPIC', name)) {
      throw new CommandError('forbidden', `topic ${name} may not be written to`, field);
    }
    if (topic.internal) throw new CommandError('forbidden', `${name} is internal`, field);
    return topic;
  }

  partition(topic: TopicMirror, index: number, field: string): PartitionMirror {
    const mirror = topic.partitions[index];
    if (mirror === undefined) {
      const message = `${topic.name} has no partition ${index}`;
      throw new CommandError('unknown_partition', message, field);
    }
    if (mirror === null || !mirror.isLeader) {
      const message = `${topic.name}-${index} is led by another broker`;
      throw new CommandError('unavailable', message, field);
    }
    if (mirror.offlineReason !== '') {
      const message = `${topic.name}-${index} is offline: ${mirror.offlineReason}`;
      throw new CommandError('unavailable', message, field);
    }
    return mirror;
  }

  /** Picks a partition for records without a key, so that a topic fills evenly. */
  somePartition(topic: TopicMirror): number {
    this.#angle = (this.#angle + STEP) % 1;
    return Math.floor(this.#angle * topic.partitions.length);
  }

  /** Builds one batch for each partition and appends them. */
  produce(request: ProduceRequest): Promise<AppendJob> {
    const { topic, records, partition } = request;
    const { idempotence, acks } = request;
    if (partition >= 0) {
      const mirror = this.partition(topic, partition, 'partition');
      const batch = this.#build(records, idempotence);
      return this.#append(topic, acks, (job) => job.add(mirror, batch, records.length));
    }
    const byPartition = this.#divide(topic, records);
    const batches = [...byPartition].map(([index, own]) => {
      const mirror = this.partition(topic, index, 'records');
      return { mirror, batch: this.#build(own, idempotence), count: own.length };
    });
    return this.#append(topic, acks, (job) => {
      for (const { mirror, batch, count } of batches) job.add(mirror, batch, count);
    });
  }

  /** Appends finished batches to one partition in their order. */
  appendBatches(
    topic: TopicMirror,
    mirror: PartitionMirror,
    acks: number,
    batches: readonly { readonly batch: Buffer; readonly count: number }[],
  ): Promise<AppendJob> {
    return this.#append(topic, acks, (job) => {
      for (const { batch, count } of batches) job.add(mirror, batch, count);
    });
  }

  #append(topic: TopicMirror, acks: number, add: (job: AppendJob) => void): Promise<AppendJob> {
    return new Promise((resolve) => {
      const job = new AppendJob(this.front, topic, acks, resolve);
      add(job);
      job.seal();
    });
  }

  #divide(topic: TopicMirror, records: readonly ProducedRecord[]): Map<number, ProducedRecord[]> {
    const count = topic.partitions.length;
    const byPartition = new Map<number, ProducedRecord[]>();
    let keyless = -1;
    for (const record of records) {
      let index = record.partition;
      if (index < 0 && record.key !== null) index = partitionForKey(record.key, count);
      if (index < 0) {
        if (keyless < 0) keyless = this.somePartition(topic);
        index = keyless;
      }
      const own = byPartition.get(index);
      if (own === undefined) byPartition.set(index, [record]);
      else own.push(record);
    }
    return byPartition;
  }

  #build(records: readonly ProducedRecord[], options: BatchOptions): Buffer {
    const builder = this.#builder;
    builder.reset(options);
    for (let i = 0; i < records.length; i++) {
      const { timeMs, key, value, headers } = records[i]!;
      builder.append(timeMs, key, value, headers);
    }
    return builder.build();
  }
}
